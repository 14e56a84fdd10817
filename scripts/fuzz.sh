#!/usr/bin/env bash
# Runs every fuzz target of the module (go test runs one at a time), each for a
# number of inputs such as 2000x or for a time such as 5m. The ordinary run counts
# inputs: at the end of a time go test can report its own deadline as a failure.
set -euo pipefail
time=${1:-2000x}
grep -rlE '^func Fuzz' --include='*_test.go' . | xargs -n1 dirname | sort -u | while read -r dir; do
  grep -hoE '^func Fuzz[A-Za-z0-9_]+' "$dir"/*_test.go | sed 's/^func //' | sort -u | while read -r target; do
    this=$time
    # Each input of this one is a database file of its own.
    [ "$target" = FuzzBoltFile ] && [ "$time" = 2000x ] && this=20x
    echo "fuzz $dir $target $this"
    go test -run '^$' -fuzz "^$target\$" -fuzztime "$this" -fuzzminimizetime 2s "$dir" </dev/null
  done
done
