import { declareAttacks } from "./attacks.ts";
import { quietThemes } from "./index.ts";

declareAttacks(quietThemes);
