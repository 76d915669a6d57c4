import { all } from "../theme.ts";

export const refused = (names: readonly string[]) => all(names, "EPERM");
export const allowed = (names: readonly string[]) => all(names, "ok");
