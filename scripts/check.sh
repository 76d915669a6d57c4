#!/usr/bin/env bash
# Format, lint, types and dead code. All of them run; any complaint fails.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit
PATH=$PWD/node_modules/.bin:$PATH
failed=0

# check NAME COMMAND...
check() {
  local name=$1 started=$SECONDS status=0
  shift
  "$@" || status=$?
  if [ "$status" -eq 0 ]; then
    printf 'check: %s is clean (%s s)\n' "$name" "$((SECONDS - started))"
  else
    printf 'check: %s failed\n' "$name" >&2
    failed=1
  fi
}

colors=()
[ -t 1 ] || colors=(--colors=off)
check "format and lint" biome ci "${colors[@]}" --error-on-warnings --diagnostic-level=warn --max-diagnostics=100
check types tsc -p tsconfig.check.json
check "dead code" knip --no-progress
exit "$failed"
