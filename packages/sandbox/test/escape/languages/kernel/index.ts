import type { Theme } from "../theme.ts";
import { ofAdministration } from "./administration.ts";
import { ofInterfaces } from "./interfaces.ts";
import { ofNamespaces } from "./namespaces.ts";

/*
 * Calls of the kernel that no program needs, made as system calls by C, and by Bash with the tools of util-linux. What only
 * root of the host may do has arguments that change nothing, and is tried outside of all namespaces.
 */

export const kernel: Theme = {
  title: "interfaces of the kernel",
  surveys: [ofNamespaces, ofInterfaces, ofAdministration],
  attacks: [],
};
