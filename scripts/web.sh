#!/usr/bin/env bash
# The web client: deps, build, check (types and unit tests), drift (the committed
# build is what the source gives). Without Node it says so and ends well, except
# in CI; Go alone builds the product from what is committed.
set -euo pipefail
cd "$(dirname "$0")/../webui"
if ! command -v node >/dev/null || ! command -v npm >/dev/null; then
  echo "skipped: the web client needs node and npm" >&2
  [ "${CI:-}" != true ]
  exit
fi
modules() {
  # npm ci is slow and needs the registry: only when the lock file changed.
  sum=$(sha256sum package-lock.json .npmrc | sha256sum | cut -d' ' -f1)
  [ -f node_modules/.scaidrive ] && [ "$(cat node_modules/.scaidrive)" = "$sum" ] && return
  npm ci --no-audit --no-fund --silent
  echo "$sum" >node_modules/.scaidrive
}
case "${1:-}" in
deps)
  modules
  cd e2e
  [ -d node_modules/playwright-core ] || npm ci --ignore-scripts --no-audit --no-fund --silent
  ;;
build) modules && npm run --silent build ;;
check) modules && npm run --silent check ;;
drift)
  modules && npm run --silent build >/dev/null
  changed=$(git status --porcelain --untracked-files=all -- dist)
  [ -z "$changed" ] || { echo "webui/dist is not what its source gives, run make ui and commit: $changed" >&2; exit 1; }
  ;;
*) echo "usage: web.sh deps|build|check|drift" >&2; exit 2 ;;
esac
