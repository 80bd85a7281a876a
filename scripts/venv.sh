#!/usr/bin/env bash
# Makes the virtual environment named by VENV (default .venv) with a Python of version 3.11 or later.
# PYTHON names one; otherwise the usual names are tried.
set -euo pipefail
cd "$(dirname "$0")/.."

new_enough() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; }

for name in ${PYTHON:-} python3.11 python3 python3.12 python3.13; do
    if new_enough "$name"; then
        chosen=$name
        break
    fi
done
if [ -z "${chosen:-}" ]; then
    echo "Python 3.11 or later was not found. On Debian 12: apt-get install python3 python3-venv" >&2
    exit 1
fi

PYTHON=$chosen scripts/services.sh venv
"$chosen" -m venv "${VENV:-.venv}"
