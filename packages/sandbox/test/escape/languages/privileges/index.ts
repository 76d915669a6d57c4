import type { Theme } from "../theme.ts";
import { regained, status } from "./ids.ts";
import { crashes, limitsAndPriority } from "./limits.ts";
import { ownProgram, setUserIdBits } from "./set-user-id.ts";

export const privileges: Theme = {
  title: "privileges",
  surveys: [status, regained, setUserIdBits, limitsAndPriority],
  attacks: [ownProgram, ...crashes],
};
