"""What lies under /static/: what was built for browsers, and nothing that it was built from."""

from pathlib import Path

import pytest

import wsgi
from forum.web import assets
from tests.world import World

STATIC = wsgi.ROOT / "static"


def sources() -> list[str]:
    """Every file of the folder that is no built one."""
    return sorted(
        path.relative_to(STATIC).as_posix()
        for path in STATIC.rglob("*")
        if path.is_file() and not path.is_relative_to(assets.DIST)
    )


def test_sec_s4_no_source_is_served(world: World) -> None:
    visitor = world.visitor()
    found = sources()
    assert len(found) > 10
    assert {"build.mjs", "node.sh"} <= set(found)
    assert any(name.endswith(".scss") for name in found)
    for name in found:
        for path in (
            f"/static/{name}",
            f"/static/dist/../{name}",
            f"/static/dist/%2e%2e/{name}",
            f"/static/dist/{name}",
        ):
            answer = visitor.get(path)
            assert answer.status_code == 404, path
            assert (STATIC / name).read_bytes()[:200] not in answer.data, path
            assert answer.headers["Cache-Control"] == "no-store", path


@pytest.mark.parametrize("name", ["app.css", "app.js", "socket.io.js", "icon.svg"])
def test_what_was_built_is(world: World, name: str) -> None:
    answer = world.visitor().get(assets.asset(name))
    assert answer.status_code == 200
    assert answer.data == Path(assets.DIST / assets.asset(name).rsplit("/", 1)[1]).read_bytes()
    assert "immutable" in answer.headers["Cache-Control"]
    answer.close()
