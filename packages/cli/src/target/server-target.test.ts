import { onTestFinished } from "vitest";
import { startHarness } from "../../../server/src/testing/http-harness.ts";
import { targetSuite } from "../../test/support/target-suite.ts";
import { serverTarget } from "./server-target.ts";

targetSuite("a server", async (program) => {
  const { port, programs, close } = await startHarness(program);
  onTestFinished(close);
  return { target: serverTarget(new URL(`http://127.0.0.1:${port}/`)), programs };
});
