#!/usr/bin/env bash
# Compiles the packages, makes one file of the command line and remembers when it began, so that ./glovebox sees what
# changed since. docs/adr/0014 has the reasons.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
memory=node_modules/.glovebox
cli=packages/cli/dist
mkdir -p "$memory"
touch "$memory/build.next"
node_modules/.bin/tsc -b packages/*/tsconfig.json

# The part of the runners that every start of sandboxes needs, compiled.
/usr/bin/python3 -I -S runners/nursery/archive.py runners packages/sandbox/dist/runners.zip /run/glovebox/importlib_bootstrap.zip

# One file, loaded with the code that V8 made of it, starts more than twice as fast as a hundred modules do. The HTTP
# framework stays outside: only `serve` needs it. A process that starts meanwhile finds the old files or the new ones.
bundle() {
  node_modules/.bin/esbuild "$@" --bundle --platform=node --format=cjs --target=node20.19 --conditions=source \
    --external:fastify --log-level=warning --outdir="$cli/next"
}
rm -rf "$cli/next"
bundle glovebox=packages/cli/src/main.ts --entry-names='[name]-[hash]' --define:import.meta.url=moduleUrl \
  --banner:js='"use strict"; const moduleUrl = require("node:url").pathToFileURL(__filename).href;'
name=$(cd "$cli/next" && echo glovebox-*.js)
bundle main=packages/cli/src/start.ts record=packages/cli/src/record.ts --define:bundleName="\"$name\""
printf '{ "type": "commonjs" }\n' >"$cli/next/package.json"
mv "$cli/next/$name" "$cli/"
mv "$cli"/next/* "$cli/"
rmdir "$cli/next"
# Whatever becomes of the program, what it took to get there is compiled.
env -u GLOVEBOX_SERVER timeout 30 node "$cli/record.js" run -c 'print(1)' </dev/null >/dev/null 2>&1 || true
for file in "$cli"/glovebox-*; do
  case $file in "$cli/$name"*) ;; *) rm -- "$file" ;; esac
done
mv "$memory/build.next" "$memory/build"
