#!/bin/sh
# Sees to it that the tests of the proxy have a real nginx; installs Debian's as root or in CI, otherwise says what to
# type. (SBIN is another place than /usr/sbin, which is not on everybody's PATH.)
set -eu

if command -v nginx >/dev/null 2>&1 || [ -x "${SBIN:-/usr/sbin}/nginx" ]; then exit 0; fi

stop() {
    echo "make: the tests of the proxy need nginx. Type: sudo apt-get update && sudo apt-get install -y nginx" >&2
    exit 1
}

as_root=
if [ "$(id -u)" != 0 ]; then
    [ "${CI:-}" = true ] || stop
    as_root="sudo -n"
fi
command -v apt-get >/dev/null 2>&1 || stop

echo "Installing nginx for the tests of the proxy ..."
export DEBIAN_FRONTEND=noninteractive
$as_root apt-get -qq update >/dev/null 2>&1 || stop
$as_root apt-get -qq install -y --no-install-recommends nginx >/dev/null 2>&1 || stop
