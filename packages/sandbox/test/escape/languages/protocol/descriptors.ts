import { expect } from "vitest";
import type { Attack, Survey } from "../theme.ts";
import { forgeries } from "./payloads.ts";
import { exited, sameEverywhere } from "./watching.ts";

export const descriptors: Survey = {
  name: "descriptors",
  control: "ordinary", // process 1 of the host is none to write to
  programs: {
    c: String.raw`
  char open_ones[256] = "";
  for (int number = 0; number < 1024; number++) {
    if (fcntl(number, F_GETFD) >= 0) sprintf(open_ones + strlen(open_ones), "%d ", number);
  }
  say("open", open_ones);
  say("start signal", said(write(3, "\n", 1)));
  say("start signal read", said(read(3, room, 1)));
  say("descriptors on the channel", said(send(4, "x", 1, 0)));
  TRIAL("warden's output", poke("/proc/1/fd/1", "x"));
  TRIAL("warden's channel", poke("/proc/1/fd/4", "x"));
`,
    bash: String.raw`
trial "warden's output" eval 'echo x 1<>/proc/1/fd/1'
trial "warden's channel" eval 'echo x 1<>/proc/1/fd/4'
trial 'start signal' eval 'echo >&3'
trial 'start signal read' eval 'read -u 3'
opened=
for place in /proc/$$/fd/*; do opened+="${"$"}{place##*/} "; done
say open "$opened"
`,
    javascript: String.raw`
trial("warden's output", () => poke("/proc/1/fd/1", "x"));
trial("warden's channel", () => poke("/proc/1/fd/4", "x"));
const kind = (number) => {
  try {
    return fs.readlinkSync("/proc/self/fd/" + number).replace(/[:/].*/, "");
  } catch {
    return "none";
  }
};
// What Node has of its own is no pipe but the two ends of one with which it wakes itself.
const pipes = fs.readdirSync("/proc/self/fd").filter((number) => kind(number) === "pipe").map((number) => fs.readlinkSync("/proc/self/fd/" + number));
say("pipes", pipes.filter((name) => pipes.filter((other) => other === name).length === 1).length);
`,
  },
  answers: [
    {
      id: "protocol.parent-descriptors",
      inside: { "warden's output": ["ENOENT", "EACCES"], "warden's channel": ["ENOENT", "EACCES"] },
    },
    {
      id: "protocol.parent-descriptors",
      languages: ["c"],
      inside: {
        open: "0 1 2 4 ",
        "start signal": "EBADF",
        "start signal read": "EBADF",
      },
    },
    {
      id: "protocol.parent-descriptors",
      languages: ["bash"],
      inside: { "start signal": /Bad file descriptor/, "start signal read": /Bad file descriptor|status 1/ },
    },
    // Standard input, two outputs and the channel.
    { id: "protocol.parent-descriptors", languages: ["javascript"], inside: { pipes: [3, 4] } },
    { id: "protocol.descriptors-sent", languages: ["c"], inside: { "descriptors on the channel": "ENOTSOCK" } },
  ],
};

/** Forgeries for whoever reads any of the descriptors. */
export const everyDescriptor: Attack = {
  id: "protocol.forged-frames",
  variant: "on every descriptor",
  programs: {
    c: String.raw`
  signal(SIGPIPE, SIG_IGN);
  int payload = open("payload", O_RDONLY);
  long size = read(payload, room, sizeof room);
  for (int number = 0; number < 1024; number++) {
    if (number == 1) continue;
    fcntl(number, F_SETFL, O_NONBLOCK);
    if (write(number, room, size) < 0) continue;
  }
  return 5;
`,
    bash: String.raw`
trap '' PIPE
for number in 0 {2..63}; do
  { cat payload >&"$number"; } 2>/dev/null
done
exit 5
`,
    javascript: String.raw`
const payload = fs.readFileSync("payload");
for (let number = 0; number < 64; number++) if (number !== 1) outcome(() => fs.writeSync(number, payload));
process.exitCode = 5;
process.reallyExit(5);
`,
  },
  request: { files: [{ name: "payload", content: forgeries }] },
  holds: ({ execution, language }) => {
    // What a program writes into its own runtime may end it otherwise.
    if (language !== "javascript") expect(execution.outcome).toEqual(exited);
    else expect(execution.outcome.kind).not.toBe("sandbox-fault");
    expect([execution.artifacts, execution.results, execution.displays]).toEqual([[], {}, []]);
    expect(execution.stdout).not.toContain("planted");
  },
  control: sameEverywhere,
};

export const channelClosed: Attack = {
  id: "protocol.channel-closed",
  programs: {
    c: 'for (int number = 3; number < 64; number++) close(number);\nsay("done", "yes");\nreturn 5;',
    bash: "exec 3>&- 4>&- 13>&- 14>&-\nsave_result lost 1 2>/dev/null\nsay done yes\nexit 5",
    javascript: 'fs.closeSync(4);\noutcome(() => saveResult("lost", 1));\nsay("done", "yes");\nprocess.exitCode = 5;',
  },
  holds: ({ execution, report, language }) => {
    expect(report).toEqual({ done: "yes" });
    expect(execution.results).toEqual({});
    if (language !== "javascript") expect(execution.outcome).toEqual(exited);
    else expect(execution.outcome.kind).toBe("exited");
  },
  control: sameEverywhere,
};
