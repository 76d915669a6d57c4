/** Programs of the host that one command does not see: as on a host on which they are not installed. */

/**
 * A command that runs `command` in a mount namespace of its own, where each of `programs` is covered by an empty
 * device. An ordinary user needs a user namespace for that, in which the command runs as root.
 */
export function withoutPrograms(programs: readonly string[], command: readonly string[]): readonly string[] {
  const cover = 'while [ "$1" != -- ]; do mount --bind /dev/null "$1" || exit 99; shift; done; shift; exec "$@"';
  const rights = process.getuid?.() === 0 ? [] : ["--map-root-user"];
  return ["unshare", "--mount", ...rights, "sh", "-c", cover, "sh", ...programs, "--", ...command];
}
