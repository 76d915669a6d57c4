import type { Isolation } from "@glovebox/protocol";
import type { Attacked } from "../theme.ts";

/** Whether a count of the kernel refuses a process too many, or only the sampling of the warden finds it. */
export const counted = ({ isolation }: Pick<Attacked, "isolation">) =>
  isolation.cgroups !== "none" || isolation.uids === "separate";

/** Where only samples count a bomb stays until one is taken: for ever where nothing is refused. */
export const hold = (isolation: Isolation) => ({
  HOLD: isolation.cgroups !== "none" ? "0" : isolation.uids === "separate" ? "3" : "600",
});
