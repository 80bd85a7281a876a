"""Which licences we depend on: writes or checks docs/licences.md.

Names come from the lock files, licences from the installed packages' own metadata (Python) and from
package-lock.json (npm). A copyleft licence needs a reason here, in a person's words, or the check fails.
"""

import argparse
import json
import re
import sys
from importlib.metadata import PackageMetadata, metadata
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "licences.md"
COPYLEFT = re.compile(r"\b(A|L)?GPL|\bMPL|\bEPL|GNU|Mozilla", re.IGNORECASE)

#: Why a licence with conditions is fine for us; read by charities' lawyers, so in whole sentences.
REASONS = {
    "psycopg": "LGPL: we use it unchanged, as a separate package that anyone can replace.",
    "psycopg-binary": "LGPL: the compiled half of psycopg; unchanged and replaceable, as above.",
    "bidict": "MPL: python-socketio's two-way dictionary, unchanged; only changes to its own files must be published.",
    "orjson": "MPL for a part of it: a JSON library, unchanged; only changes to its own files must be published.",
    "djlint": "GPL: a checker that developers run on templates; nothing of it is linked, copied or given away.",
    "certifi": "MPL: a list of certificates, unchanged; developers' tools only.",
    "hypothesis": "MPL: a test tool, unchanged; nothing of it reaches a server.",
    "pytest-rerunfailures": "MPL: a test tool, unchanged; nothing of it reaches a server.",
    "pathspec": "MPL: used inside a developers' tool, unchanged.",
    "axe-core": "MPL: an accessibility checker in the tests, unchanged; not part of any page.",
    "lightningcss": "MPL: builds the style sheets, unchanged; nothing of it is in what it builds.",
}

#: Packages whose metadata is silent, and what their own LICENSE file says.
READ_BY_HAND = {"xmlhttprequest-ssl": "MIT", "pyrage": "MIT"}


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--write", action="store_true", help="write the page instead of checking it")
    write = arguments.parse_args().write
    runtime, everything = locked("requirements.lock"), locked("requirements-dev.lock")
    if other := [name for name, version in everything.items() if metadata(name)["Version"] != version]:
        print(
            f"Not the locked version: {', '.join(other)}. Run: touch requirements-dev.lock; make check", file=sys.stderr
        )
        return 1
    python = {name: licence_of(metadata(name)) or READ_BY_HAND.get(name, "") for name in everything}
    npm = npm_licences()
    if problems := unexplained(python | npm):
        print("\n".join(problems), file=sys.stderr)
        return 1
    page = render({n: python[n] for n in runtime}, {n: python[n] for n in python.keys() - runtime.keys()}, npm)
    if write:
        PAGE.write_text(page)
    elif not PAGE.exists() or PAGE.read_text() != page:
        print("docs/licences.md is not up to date. Run: make licences", file=sys.stderr)
        return 1
    return 0


def locked(file: str) -> dict[str, str]:
    return dict(re.findall(r"^([a-z0-9][a-z0-9._-]*)==([^ ]+) ", (ROOT / file).read_text(), re.MULTILINE))


def licence_of(package: PackageMetadata) -> str:
    """The licence a package states, in the shortest form it gives; empty when it states none."""
    if "License-Expression" in package:
        return package["License-Expression"]
    classifiers = [c.rsplit(" :: ", 1)[1] for c in package.get_all("Classifier", []) if c.startswith("License :: ")]
    named = [c for c in classifiers if c != "OSI Approved"]
    if named:
        return "; ".join(named)
    text = package["License"].strip() if "License" in package else ""
    return text if len(text) < 80 else text.splitlines()[0].strip()


def npm_licences() -> dict[str, str]:
    lock = ROOT / "package-lock.json"
    packages = json.loads(lock.read_text())["packages"] if lock.exists() else {}
    names = {path.rsplit("node_modules/", 1)[1]: entry for path, entry in packages.items() if path}
    return {name: str(entry.get("license") or READ_BY_HAND.get(name, "")) for name, entry in names.items()}


def reason_for(name: str) -> str:
    """The reason for a package, or for the family a platform's build of it belongs to."""
    return REASONS.get(name) or next((why for known, why in REASONS.items() if name.startswith(f"{known}-")), "")


def unexplained(licences: dict[str, str]) -> list[str]:
    silent = [f"{name}: states no licence" for name, licence in licences.items() if not licence]
    bound = [
        f"{name}: {licence} needs a reason in scripts/licences.py"
        for name, licence in licences.items()
        if COPYLEFT.search(licence) and not reason_for(name)
    ]
    return sorted(silent + bound)


def render(runtime: dict[str, str], development: dict[str, str], npm: dict[str, str]) -> str:
    parts = [
        "# Licences of what we depend on\n",
        "Made by `make licences` from the lock files and the packages' own metadata; reasons are in `scripts/licences.py`.",
        "Common Ground itself is under the MIT licence.\n",
        *table("On the server", runtime),
        *table("Developers' tools and tests", development),
        *table(
            "npm packages that build or test the pages; socket.io-client, nhsuk-frontend and the fonts end up in them",
            npm,
        ),
    ]
    return "\n".join(parts) + "\n"


def table(title: str, licences: dict[str, str]) -> list[str]:
    rows = [f"| {name} | {licence} | {reason_for(name)} |" for name, licence in sorted(licences.items())]
    return [f"## {title}\n", "| package | licence | why its conditions suit us |", "| --- | --- | --- |", *rows, ""]


if __name__ == "__main__":
    sys.exit(main())
