import { spawnSync } from "node:child_process";
import type { Check } from "../api.ts";
import { runtimes } from "../languages/registry.ts";
import { findToolchain, installCommand, type Toolchain } from "../languages/toolchain.ts";
import { versionOf } from "../languages/versions.ts";

/** The libraries of the data stack and the Debian packages that bring them. */
function checkDataStack(packages: readonly string[], { tools, virtualEnvironment }: Toolchain): Check {
  const modules = packages.map((name) => name.replace(/^python3-/, ""));
  const script = "import importlib.util,sys; print(*[m for m in sys.argv[1:] if importlib.util.find_spec(m) is None])";
  const result = spawnSync(tools.python ?? "", ["-I", "-c", script, ...modules], { encoding: "utf8", timeout: 10_000 });
  const absent = result.status === 0 ? result.stdout.trim().split(/\s+/).filter(Boolean) : modules;
  const check = { id: "python-data-stack", title: "Python's data libraries" };
  if (absent.length === 0) return { ...check, status: "ok", found: modules.join(", "), cost: "", fix: null };
  const fix =
    virtualEnvironment === undefined
      ? `sudo apt-get install -y ${absent.map((name) => `python3-${name}`).join(" ")}`
      : `${virtualEnvironment}/bin/python3 -m pip install ${absent.join(" ")}`;
  return {
    ...check,
    status: "degraded",
    found: `not installed: ${absent.join(", ")}`,
    cost: "programs cannot import them",
    fix,
  };
}

/** Each language: its toolchain's version, or how to get it. `folders`: see `findToolchain`. */
export async function checkLanguages(folders: readonly string[]): Promise<Check[]> {
  const checks: Check[] = [];
  for (const runtime of runtimes()) {
    const found = findToolchain(runtime, folders);
    const version = "missing" in found ? null : await versionOf(found);
    const check = { id: `language-${runtime.name}`, title: `${runtime.title}, the language` };
    checks.push(
      version !== null
        ? { ...check, status: "ok", found: `version ${version}`, cost: "", fix: null }
        : {
            ...check,
            status: "degraded",
            found: "not installed",
            cost: `${runtime.title} programs cannot run`,
            fix: installCommand(runtime),
          },
    );
    if (runtime.name === "python" && !("missing" in found)) checks.push(checkDataStack(runtime.dataPackages, found));
  }
  return checks;
}
