#!/usr/bin/env bash
# Runs the page's tests in a real browser against the built binary. Without Node or
# a browser it says so and ends well, except in CI. `e2e.sh bench` tells the figures of
# bench.mjs about ./scaidrive.
set -euo pipefail
cd "$(dirname "$0")/.."
missing=()
command -v node >/dev/null || missing+=(node)
command -v npm >/dev/null || missing+=(npm)
command -v chromium >/dev/null || [ -n "${CHROMIUM:-}" ] || missing+=(chromium)
if [ ${#missing[@]} -gt 0 ]; then
  echo "skipped: the browser tests need ${missing[*]}" >&2
  [ "${CI:-}" != true ]
  exit
fi
if [ "${1:-}" = bench ]; then
  shift
  cd webui/e2e
  [ -d node_modules/playwright-core ] || npm ci --ignore-scripts --no-audit --no-fund --silent
  SCAIDRIVE_BIN="$PWD/../../scaidrive" exec node bench.mjs "$@"
fi
bin=$(mktemp -d)
trap 'rm -rf "$bin"' EXIT
go build -o "$bin/scaidrive" ./cmd/scaidrive
cd webui/e2e
[ -d node_modules/playwright-core ] || npm ci --ignore-scripts --no-audit --no-fund --silent
# Two worlds at once: most of a journey is waiting for a browser, a server, a screen.
SCAIDRIVE_BIN="$bin/scaidrive" node --test --test-concurrency=2 --test-reporter=spec "$@" ./*.test.mjs
