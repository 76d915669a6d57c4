import { declareAttacks } from "./attacks.ts";
import { loudThemes } from "./index.ts";

declareAttacks(loudThemes);
