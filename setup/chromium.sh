#!/bin/sh
# Sees to it that the browser tests have a Chromium; installs Debian's as root or in CI, otherwise says what to type.
set -eu

for name in chromium chromium-browser google-chrome google-chrome-stable; do
    if command -v "$name" >/dev/null 2>&1; then exit 0; fi
done

stop() {
    echo "make: the browser tests need Chromium. Type: sudo apt-get update && sudo apt-get install -y chromium" >&2
    exit 1
}

as_root=
if [ "$(id -u)" != 0 ]; then
    [ "${CI:-}" = true ] || stop
    as_root="sudo -n"
fi
command -v apt-get >/dev/null 2>&1 || stop

echo "Installing Chromium for the browser tests ..."
export DEBIAN_FRONTEND=noninteractive
$as_root apt-get -qq update >/dev/null 2>&1 || stop
$as_root apt-get -qq install -y --no-install-recommends fonts-liberation chromium >/dev/null 2>&1 || stop
