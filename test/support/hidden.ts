/** What of the host one command does not see: as on a host that does not have it. */

/** A user needs a user namespace to mount anything, in which the command runs as root. */
const ownMounts = () => ["unshare", "--mount", ...(process.getuid?.() === 0 ? [] : ["--map-root-user"])];

/**
 * A command that runs `command` in a mount namespace of its own, where each of `programs` is covered by an empty
 * device.
 */
export function withoutPrograms(programs: readonly string[], command: readonly string[]): readonly string[] {
  const cover = 'while [ "$1" != -- ]; do mount --bind /dev/null "$1" || exit 99; shift; done; shift; exec "$@"';
  return [...ownMounts(), "sh", "-c", cover, "sh", ...programs, "--", ...command];
}

/** A command that runs `command` in a mount namespace of its own, where an empty file system covers `folder`. */
export function withEmpty(folder: string, command: readonly string[]): readonly string[] {
  return [
    ...ownMounts(),
    "sh",
    "-c",
    'mount -t tmpfs none "$1" || exit 99; shift; exec "$@"',
    "sh",
    folder,
    ...command,
  ];
}
