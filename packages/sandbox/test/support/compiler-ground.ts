import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { defaultCompileLimits } from "@glovebox/protocol";
import { afterEach, beforeEach } from "vitest";
import { openCache } from "../../src/compile/caches.ts";
import { type CompileRequest, type CompileResult, Compiler } from "../../src/compile/compiler.ts";
import { ProductStore } from "../../src/compile/product-store.ts";
import { ToolchainKeys } from "../../src/compile/toolchain-keys.ts";
import type { Toolchain } from "../../src/languages/toolchain.ts";
import { FakeWardens } from "./fake-warden.ts";
import { toolchainNow, toyRuntime } from "./toy-runtime.ts";

/** What a compiler needs, for each test of a file anew, with sandboxes that there are not. */
export class CompilerGround {
  folder = "";
  wardens = new FakeWardens("");

  constructor() {
    beforeEach(async () => {
      this.folder = mkdtempSync(join(tmpdir(), "glovebox-compiler-"));
      mkdirSync(this.inputs);
      mkdirSync(join(this.folder, "runners/toy"), { recursive: true });
      this.wardens = new FakeWardens(this.folder);
      await this.wardens.open();
    });
    afterEach(async () => {
      await this.wardens.close();
      rmSync(this.folder, { recursive: true, force: true });
    });
  }

  get inputs(): string {
    return join(this.folder, "inputs");
  }

  /** What is staged, by its path below the folder of inputs. */
  staged(): string[] {
    return readdirSync(this.inputs, { recursive: true, encoding: "utf8" }).sort();
  }

  /** The entries of the disk cache. */
  onDisk(): string[] {
    return readdirSync(join(this.folder, "cache/compiled"));
  }

  /** The content of the file `program` of a product. */
  programOf({ product }: CompileResult): string {
    return readFileSync(join(this.inputs, product?.staged ?? "", "program"), "utf8");
  }

  compiler(inputsFolder = this.inputs, maxBytes?: number): Compiler {
    return new Compiler({
      inputsFolder,
      products: new ProductStore(inputsFolder, maxBytes),
      cache: openCache("compiled", join(this.folder, "cache"), () => {}),
      keys: new ToolchainKeys(join(this.folder, "runners")),
    });
  }

  request(change: Partial<CompileRequest> = {}, code = "code"): CompileRequest {
    return {
      id: "id",
      toolchain: this.#toolchain(),
      program: { files: [{ name: "main.toy", content: code }], compilerOptions: [] },
      entry: "main.toy",
      limits: defaultCompileLimits,
      signal: new AbortController().signal,
      lease: () => this.wardens.lease(),
      ...change,
    };
  }

  #toolchain(): Toolchain {
    const tool = join(this.folder, "tool");
    if (!existsSync(tool)) {
      writeFileSync(tool, "#!/bin/sh\necho 1\n");
      chmodSync(tool, 0o755);
    }
    const compile = { command: ["{toy}", "{entry}"], sources: [".toy"] };
    return toolchainNow({ runtime: toyRuntime({ compile }), tools: { toy: tool }, folders: [] });
  }
}
