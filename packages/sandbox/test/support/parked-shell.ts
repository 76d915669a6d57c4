import { sendsFrame } from "./borrowed-language.ts";
import { program } from "./sandboxes.ts";

/** A parked interpreter: a shell that prepares itself, says so, waits, and becomes the program. */
export function parkedShell(...prepare: readonly string[]): string {
  return program(
    ...prepare,
    sendsFrame('{"type":"parked"}'),
    "read -r go <&3 || exit 0",
    "exec 3<&-",
    "entry=$(tr '\\0' '\\n' </glovebox/task.words | head -n 1)",
    'exec /bin/sh "$entry"',
  );
}

/** What makes a manifest one of a language whose interpreter is parked: a shell that runs this script. */
export function parks(script: string): object {
  return {
    start: "park",
    taskFormat: "words",
    park: ["/bin/sh", "-c", script],
    run: undefined,
    compile: undefined,
  };
}
