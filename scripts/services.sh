#!/usr/bin/env bash
# Installs the Debian packages that are missing: `scripts/services.sh` for the whole test suite
# (PostgreSQL, Redis, nginx, Chromium, fonts), `scripts/services.sh venv` for `make run` alone.
# Quiet and harmless to repeat. Nothing is started, and services that already run are left alone:
# the tests start servers of their own on free ports.
set -euo pipefail

has() { command -v "$1" >/dev/null 2>&1 || [ -x "/usr/sbin/$1" ]; }
has_postgres() { compgen -G "/usr/lib/postgresql/*/bin/postgres" >/dev/null || has postgres; }
has_fonts() { compgen -G "/usr/share/fonts/truetype/noto/NotoSans-*" >/dev/null; }
has_venv() { "${PYTHON:-python3}" -c 'import ensurepip, venv' 2>/dev/null; }

missing=()
has_venv || missing+=(python3-venv)
if [ "${1:-tests}" = tests ]; then
    has make || missing+=(make)
    has chromium || has chromium-browser || has google-chrome || missing+=(chromium)
    has_postgres || missing+=(postgresql)
    has redis-server || missing+=(redis-server)
    has nginx || missing+=(nginx)
    has_fonts || missing+=(fonts-noto-core)
fi
[ ${#missing[@]} -gt 0 ] || exit 0

if [ "$(id -u)" != 0 ] || ! has apt-get; then
    echo "Missing here: ${missing[*]}. Please ask whoever looks after this machine to install them," >&2
    echo "for example with: sudo apt-get install --no-install-recommends ${missing[*]}" >&2
    exit 1
fi

# Debian starts a server as soon as it is installed, unless this file says no.
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
    printf '#!/bin/sh\nexit 101\n' >"$policy"
    chmod +x "$policy"
    trap 'rm -f "$policy"' EXIT
fi

echo "Installing: ${missing[*]}"
log=$(mktemp)
install() { DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >"$log" 2>&1; }
# The package list may be old or absent: refresh it when the first try fails.
if ! install && ! { apt-get update -qq >"$log" 2>&1 && install; }; then
    tail -n 30 "$log" >&2
    echo "Could not install: ${missing[*]}" >&2
    exit 1
fi
rm -f "$log"
