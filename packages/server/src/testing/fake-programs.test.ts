import { createFakePrograms } from "./fake-programs.ts";
import { programsSuite, suitePrograms } from "./programs-suite.ts";

programsSuite("fake", async () => createFakePrograms(suitePrograms));
