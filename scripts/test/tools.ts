import { existsSync } from "node:fs";
import { join } from "node:path";
import { mustRun } from "./commands.ts";

/** Programs that the tests start and no user of Glovebox needs, with their Debian packages. */
const testTools = { curl: "curl", ip: "iproute2", unshare: "util-linux", setpriv: "util-linux" };

/** Installs the tests' own tools as root, and names them to anybody else. */
export function installTestTools(): void {
  const folders = ["/usr/bin", "/usr/sbin", "/bin", "/sbin"];
  const missing = Object.entries(testTools).filter(
    ([name]) => !folders.some((folder) => existsSync(join(folder, name))),
  );
  if (missing.length === 0) return;
  const packages = [...new Set(missing.map(([, name]) => name))];
  if (process.getuid?.() !== 0) throw new Error(`the tests need: sudo apt-get install -y ${packages.join(" ")}`);
  console.log(`test: installing ${packages.join(", ")}`);
  mustRun("apt-get", ["update", "-q"]);
  mustRun("apt-get", ["install", "-q", "-y", "--no-install-recommends", ...packages]);
}
