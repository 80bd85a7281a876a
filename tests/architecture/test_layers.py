"""Who may import whom. Inside functions counts too: that is where cycles hide."""

from tests.architecture.source import Module, program

#: From the ground up; each may import itself and what stands before it.
LAYERS = (
    "forum.base",
    "forum.content",
    "forum.models",
    "forum.policy",
    "forum.web",
    "forum.accounts",
    "forum.groups",
    "forum.help",
    "forum.ground_rules",
    "forum.conversations",
    "forum.rooms",
    "forum.notifications",
    "forum.search",
    "forum.live",
    "forum.leaving",
    "forum.commands",
    "forum.demo",
    "moderation",
    "wsgi",
)
#: The same inside one package.
FILES = ("models", "queries", "lifecycle", "steps", "usecases", "views", "sockets")

WEB = {"flask", "flask_login", "flask_socketio"}
#: Files that work the same from a page, a socket, a job or a command, and so know of none of them.
DEAF_TO_THE_WEB = {"usecases", "queries", "lifecycle", "screening", "steps"}


def layer(name: str) -> int | None:
    """The layer's place, 0 for the ground; None for what is not ours.

    :raises KeyError: ours, but in no layer.
    """
    parts = name.split(".")
    if parts[0] not in {"forum", "moderation", "wsgi"} or name == "forum":
        return None
    key = ".".join(parts[:2]) if parts[0] == "forum" else parts[0]
    if key not in LAYERS:
        raise KeyError(f"{key} has no place in LAYERS (tests/architecture/test_layers.py)")
    return LAYERS.index(key)


def upward(module: Module) -> list[str]:
    own = layer(module.name)
    targets = ((target, layer(target)) for target in module.imports())
    return [
        f"{module.name} imports {t}" for t, place in targets if own is not None and place is not None and place > own
    ]


def kind(file: str) -> str:
    """What a file is by the end of its name: `board_queries` are queries."""
    return file.rpartition("_")[2]


def against_the_file_order(module: Module) -> list[str]:
    package, _, file = module.name.rpartition(".")
    if kind(file) not in FILES:
        return []
    later = FILES[FILES.index(kind(file)) + 1 :]
    inside = [target for target in module.imports() if target.startswith(f"{package}.")]
    return [
        f"{module.name} imports {target}"
        for target in inside
        if kind(target.removeprefix(f"{package}.").partition(".")[0]) in later
    ]


def web_in_the_wrong_place(module: Module) -> list[str]:
    file = module.name.rpartition(".")[2]
    if kind(file) not in DEAF_TO_THE_WEB and not module.name.startswith(("forum.models", "forum.policy")):
        return []
    return [f"{module.name} imports {target}" for target in module.imports() if target.split(".")[0] in WEB]


def violations(rule, found=None) -> list[str]:
    return [line for module in (found or program()) for line in rule(module)]


def test_imports_point_down():
    assert violations(upward) == []


def test_files_of_a_package_import_in_one_direction():
    assert violations(against_the_file_order) == []


def test_use_cases_do_not_know_the_web():
    assert violations(web_in_the_wrong_place) == []


def test_the_rules_bite():
    inside_a_function = Module("forum.groups.usecases", "def f():\n    from forum.conversations.queries import x\n")
    relative = Module("forum.groups.queries", "from .usecases import join\nfrom ..live import sockets\n")
    by_name = Module("forum.base.db", "import importlib\nimportlib.import_module('moderation.gate')\n")
    package_itself = Module("forum.models", "from .posts import Post\nfrom ..web import csrf\n", is_package=True)
    assert upward(inside_a_function) == ["forum.groups.usecases imports forum.conversations.queries.x"]
    assert upward(relative) == ["forum.groups.queries imports forum.live.sockets"]
    assert upward(by_name) == ["forum.base.db imports moderation.gate"]
    assert upward(package_itself) == ["forum.models imports forum.web.csrf"]
    assert against_the_file_order(relative) == ["forum.groups.queries imports forum.groups.usecases.join"]
    by_its_end = Module("forum.groups.board_queries", "from forum.groups import board_views\nimport flask\n")
    assert against_the_file_order(by_its_end) == ["forum.groups.board_queries imports forum.groups.board_views"]
    assert web_in_the_wrong_place(by_its_end) == ["forum.groups.board_queries imports flask"]
    flasky = Module("forum.groups.usecases", "def f():\n    from flask import request\n    return request\n")
    assert web_in_the_wrong_place(flasky) == ["forum.groups.usecases imports flask.request"]


def test_downward_imports_pass():
    fine = Module("forum.conversations.views", "import flask\nfrom forum.base import clock\nfrom . import usecases\n")
    assert upward(fine) + against_the_file_order(fine) + web_in_the_wrong_place(fine) == []
