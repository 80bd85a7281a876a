"""Where the browser finds a built style sheet or script."""

import json
import re
from functools import lru_cache
from pathlib import Path

DIST = Path(__file__).resolve().parents[2] / "static" / "dist"
URL_PREFIX = "/static/dist/"
#: The twelve signs that static/build.mjs takes of a file's hash.
_HASHED = re.compile(r"-[0-9a-f]{12}\.")


class AssetsNotBuilt(RuntimeError):
    """The style sheets and scripts were not built, or not this one."""


@lru_cache(maxsize=4)
def _manifest(file: Path) -> dict[str, str]:
    """Names as written in templates, and the hashed names of the files; read once in a process."""
    try:
        names: dict[str, str] = json.loads(file.read_text("utf-8"))
    except FileNotFoundError:
        raise AssetsNotBuilt(f"{file} is missing. Run `make assets`.") from None
    return names


def asset(name: str, dist: Path = DIST) -> str:
    """The address of a built asset; it changes with the content, so a browser may keep it for ever.

    :param name: as the manifest has it: app.css, app.rtl.css, app.js, socket.io.js, icon.svg.
    :param dist: the folder `static/build.mjs` wrote.
    :raises AssetsNotBuilt: says to run `make assets`.
    """
    names = _manifest(dist / "manifest.json")
    if name not in names:
        raise AssetsNotBuilt(f"No asset is called {name}. Known: {', '.join(sorted(names))}. Run `make assets`.")
    return URL_PREFIX + names[name]


@lru_cache(maxsize=50)
def size_kb(name: str) -> int:
    """What somebody pays to load an asset, in kilobytes of a thousand bytes, rounded up; for assets that are not packed."""
    return -(-(DIST / asset(name).removeprefix(URL_PREFIX)).stat().st_size // 1000)


def is_immutable(_path: str, url: str) -> bool:
    """Whether a browser may keep this for ever: a change of content changes the name."""
    return _HASHED.search(url) is not None
