/** The real sandboxes keep the promises on which the server is tested with fakes. */
import { createSandboxes } from "@glovebox/sandbox";
import { programsSuite } from "../packages/server/src/testing/programs-suite.ts";
import { missingFeatures } from "./support/waivers.ts";

programsSuite("sandboxes", () =>
  createSandboxes({ waive: missingFeatures(), languages: ["python"], preload: [], pool: { min: 1, max: 2 } }),
);
