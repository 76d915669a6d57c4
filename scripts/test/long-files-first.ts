import { join, relative } from "node:path";
import { BaseSequencer, type TestSpecification } from "vitest/node";
import { longFiles } from "./lanes.ts";

const root = join(import.meta.dirname, "../..");

/** Starts the longest files first and leaves the others as they are. */
export class LongFilesFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification) => {
      const place = longFiles.indexOf(relative(root, moduleId));
      return place === -1 ? longFiles.length : place;
    };
    return (await super.sort(files)).sort((one, other) => rank(one) - rank(other));
  }
}
