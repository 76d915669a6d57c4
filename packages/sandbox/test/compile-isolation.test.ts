// Depends on: identity.
import { describe, expect, it } from "vitest";
import { c, cSandboxes, sleeper } from "./support/c-programs.ts";
import { program, untilPrinted } from "./support/sandboxes.ts";

const { sandboxes, run } = cSandboxes();

describe("the product in the sandbox of its program", () => {
  it("cannot be changed, replaced or added to by the program", async () => {
    const code = program(
      "#include <errno.h>",
      "#include <fcntl.h>",
      "#include <stdio.h>",
      "#include <string.h>",
      "#include <sys/mount.h>",
      "#include <sys/stat.h>",
      "#include <unistd.h>",
      '#define TRY(call) do { errno = 0; printf("%s\\n", (call) < 0 ? "refused" : "done: " #call); } while (0)',
      "int main(void) {",
      '  const char *own = "/glovebox/product/program";',
      "  TRY(open(own, O_WRONLY));",
      '  TRY(open("/proc/self/exe", O_WRONLY));',
      "  TRY(chmod(own, 0777));",
      "  TRY(unlink(own));",
      '  TRY(rename(own, "/glovebox/product/other"));',
      '  TRY(rename("/glovebox/product", "/glovebox/moved"));',
      '  TRY(rmdir("/glovebox/product"));',
      '  TRY(open("/glovebox/product/new", O_CREAT | O_WRONLY, 0644));',
      '  TRY(link(own, "/glovebox/linked"));',
      '  TRY(mount("none", "/glovebox/product", "tmpfs", 0, 0));',
      '  TRY(umount2("/glovebox/product", MNT_DETACH));',
      "  struct stat status;",
      "  stat(own, &status);",
      '  printf("%o\\n", status.st_mode & 07777);',
      "}",
    );
    const first = await run(c(code));
    expect(first.stdout.split("\n")).toEqual([...Array.from({ length: 11 }, () => "refused"), "555", ""]);
    const second = await run(c(code));
    expect([second.stdout, second.compile?.cached]).toEqual([first.stdout, true]);
  });

  it("is that of the program and of no other: products of other runs are not to be found", async () => {
    const going = sandboxes().execute(c(sleeper));
    await untilPrinted(going, "ready\n");
    const found = await run({
      language: "lua",
      code: "for line in io.popen('find / -path /proc -prune -o -name program -print 2>/dev/null'):lines() do print(line) end",
    });
    const count = await run(
      c(
        program(
          "#include <stdlib.h>",
          'int main(void) { return system("find / -path /proc -prune -o -name program -print 2>/dev/null"); }',
        ),
      ),
    );
    going.cancel();
    await going.result;
    expect(found.stdout).toBe("");
    expect(count.stdout).toBe("/glovebox/product/program\n");
  });
});

describe("what the compiler of C is given", () => {
  it("is the sources, and none of the request's other files, nor its data", async () => {
    const code = program(
      "#include <stdio.h>",
      "#define SEEN(file) (__has_include(file))",
      '#if __has_include("value.h")',
      "#define HEADER 1",
      "#else",
      "#define HEADER 0",
      "#endif",
      '#if __has_include("data.csv") || __has_include("/glovebox/input.json") || __has_include("/glovebox/results.jsonl")',
      "#define OTHERS 1",
      "#else",
      "#define OTHERS 0",
      "#endif",
      'int main(void) { printf("%d %d %d\\n", HEADER, OTHERS, fopen("data.csv", "r") != 0); }',
    );
    const files = [
      { name: "value.h", content: "" },
      { name: "data.csv", content: "1,2\n" },
    ];
    expect((await run(c(code, { files, data: { a: 1 } }))).stdout).toBe("1 0 1\n");
  });

  it.each(["/etc/shadow", "/proc/1/environ", "/inputs", "/run/glovebox", "/root/.bashrc"])(
    "is nothing of the host: %s cannot be taken into a program",
    async (path) => {
      const { outcome, stderr } = await run(
        c(program(`__asm__(".incbin \\"${path}\\"");`, "int main(void) { return 0; }")),
      );
      expect(outcome).toMatchObject({ kind: "exited", stage: "compile" });
      expect(stderr).toMatch(/file not found|Permission denied|No such file|unable to include/);
    },
  );
});
