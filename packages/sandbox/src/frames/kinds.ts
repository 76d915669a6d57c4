/** Kinds of frames between host and warden; the same numbers as in `runners/warden/frames.py`. */
export const kinds = {
  parked: 0x01,
  stdout: 0x10,
  stderr: 0x11,
  message: 0x12,
  sample: 0x13,
  alert: 0x14,
  artifact: 0x20,
  artifactData: 0x21,
  results: 0x22,
  finished: 0x30,
  fault: 0x31,
  lease: 0x80,
  fileData: 0x81,
  cancel: 0x83,
} as const;

/** Payload of the largest frame accepted from a warden: one message of a runner (9 MiB) and some room. */
export const maxPayload = 10 * 1024 * 1024;
export const headerSize = 5;
