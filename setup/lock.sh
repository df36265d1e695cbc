#!/bin/sh
# Writes both locks from pyproject.toml, with hashes and without any address of a package index.
# Versions already locked stay; `make lock UPGRADE=1` takes the newest that pyproject.toml allows.
set -eu

if command -v uv >/dev/null 2>&1; then
    uv=uv
else
    away=$(mktemp -d)
    trap 'rm -rf "$away"' EXIT
    "${PYTHON:-python3}" -m venv "$away/venv"
    "$away/venv/bin/pip" install --quiet --disable-pip-version-check uv
    uv=$away/venv/bin/uv
fi

# A uv.lock would carry the index's address on every line (docs/adr/0001).
compile() {
    "$uv" pip compile --quiet ${UPGRADE:+--upgrade} --universal --python-version 3.11 --generate-hashes \
        --no-emit-index-url --no-header --annotation-style line "$@"
}

compile pyproject.toml -o requirements.lock
compile --group dev -c requirements.lock pyproject.toml -o requirements-dev.lock
