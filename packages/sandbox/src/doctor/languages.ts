import { spawnSync } from "node:child_process";
import type { Check } from "../api.ts";
import { runtimes } from "../languages/registry.ts";
import { versionOf } from "./tools.ts";

/** The libraries of the data stack and the Debian packages that bring them. */
function checkDataStack(packages: readonly string[]): Check {
  const modules = packages.map((name) => name.replace(/^python3-/, ""));
  const script = "import importlib.util,sys; print(*[m for m in sys.argv[1:] if importlib.util.find_spec(m) is None])";
  const result = spawnSync("/usr/bin/python3", ["-I", "-c", script, ...modules], { encoding: "utf8", timeout: 10_000 });
  const absent = result.status === 0 ? result.stdout.trim().split(/\s+/).filter(Boolean) : modules;
  const check = { id: "python-data-stack", title: "Python's data libraries" };
  if (absent.length === 0) return { ...check, status: "ok", found: modules.join(", "), cost: "", fix: null };
  const fix = `sudo apt-get install -y ${absent.map((name) => `python3-${name}`).join(" ")}`;
  return {
    ...check,
    status: "degraded",
    found: `not installed: ${absent.join(", ")}`,
    cost: "programs cannot import them",
    fix,
  };
}

/** Each language: its toolchain's version, or how to get it. */
export function checkLanguages(): Check[] {
  return runtimes().flatMap((runtime) => {
    const version = versionOf(runtime.versionCommand);
    const check = { id: `language-${runtime.name}`, title: `${runtime.title}, the language` };
    const fix = `sudo apt-get install -y ${runtime.packages.join(" ")}`;
    const language: Check =
      version !== null
        ? { ...check, status: "ok", found: `version ${version}`, cost: "", fix: null }
        : { ...check, status: "degraded", found: "not installed", cost: `${runtime.title} programs cannot run`, fix };
    return runtime.name === "python" ? [language, checkDataStack(runtime.dataPackages)] : [language];
  });
}
