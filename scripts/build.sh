#!/usr/bin/env bash
# Compiles the packages and remembers when it began, so that ./glovebox sees what changed since.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
memory=node_modules/.glovebox
mkdir -p "$memory"
touch "$memory/build.next"
node_modules/.bin/tsc -b packages/*/tsconfig.json
mv "$memory/build.next" "$memory/build"
