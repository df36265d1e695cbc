#!/bin/sh
# Runs all tests in two halves side by side, for most of the time goes by waiting: the long stories of the path and of
# privacy, and everything else. Each half has its own databases, ports and folders, and judges what it sent itself.
set -u
python=$1
long="tests/path tests/privacy"
said=$(mktemp)
trap 'rm -f "$said"' EXIT

# shellcheck disable=SC2086  # two folders
"$python" -m pytest -p no:cacheprovider $long >"$said" 2>&1 &
other=$!
trap 'kill "$other" 2>/dev/null; exit 130' INT TERM
ignored=$(printf ' --ignore=%s' $long)
# shellcheck disable=SC2086
"$python" -m pytest $ignored
mine=$?
wait "$other"
theirs=$?
echo "== tests of the path and of privacy, which ran beside them"
cat "$said"
[ "$mine" -eq 0 ] && [ "$theirs" -eq 0 ]
