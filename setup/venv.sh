#!/bin/sh
# Makes .venv, or mends it, and installs one lock into it: setup/venv.sh LOCK
# Called by make. Whatever goes wrong is said in one line, with what to type next.
set -eu
lock=$1
venv=.venv
log=$venv/install.log

stop() {
    echo "make: $*" >&2
    exit 1
}

has_uv() {
    command -v uv >/dev/null 2>&1 && uv --version >/dev/null 2>&1
}

new_enough() {
    "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1
}

find_python() {
    for python in ${PYTHON:-python3 python3.14 python3.13 python3.12 python3.11}; do
        if new_enough "$python"; then return; fi
    done
    found=$("${PYTHON:-python3}" -c 'import platform; print("Python " + platform.python_version())' 2>/dev/null) ||
        found="no Python 3"
    stop "EAP Line needs Python 3.11 or newer and found $found." \
        "Install a newer one (Debian: apt install python3), or name it: make PYTHON=/path/to/python3.12"
}

# A venv outlives its Python when the system is upgraded, and is left half made when interrupted.
usable() {
    [ -x $venv/bin/python ] && new_enough $venv/bin/python || return 1
    has_uv || $venv/bin/python -m pip --version >/dev/null 2>&1
}

create() {
    find_python
    rm -rf $venv
    if has_uv; then
        uv venv --quiet --no-config --no-python-downloads --python "$(command -v "$python")" $venv && return
        stop "uv could not make $venv with $python. Take uv off the PATH to use Python's own venv, or set PYTHON."
    fi
    "$python" -c 'import venv, ensurepip' >/dev/null 2>&1 ||
        stop "$python has no venv module. Debian and Ubuntu: apt install python3-venv. Or install uv. Then run make again."
    "$python" -m venv $venv >/dev/null 2>&1 ||
        stop "$python -m venv $venv did not work. Is the disk full, or this folder read-only?"
}

install() {
    if has_uv; then
        uv pip install --python $venv/bin/python --require-hashes -r "$lock"
    else
        $venv/bin/python -m pip install --no-input --disable-pip-version-check --retries 2 --require-hashes -r "$lock"
    fi >$log 2>&1
}

explain() {
    if grep -qiE 'do not match the hash|hash mismatch' $log; then
        why="a downloaded package is not the one the lock names (hash mismatch)."
    elif grep -qiE 'no space left' $log; then
        why="the disk is full."
    elif grep -qiE 'connect|resolution|timed out|sending request|dns|unreachable|could not find a version' $log; then
        why="the packages could not be downloaded; is there a network and a package index?"
    else
        why="the packages could not be installed."
    fi
    stop "$why Details are in $log; afterwards run make again."
}

usable || create
echo "Installing what $lock names into $venv (up to a minute) ..."
install || explain
