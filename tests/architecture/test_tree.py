"""The top level stays as it is, everything in it is ours, and what we depend on is declared and locked."""

import functools
import re
import subprocess
import sys
import tomllib
from importlib.metadata import files as files_of
from importlib.metadata import packages_distributions

from packaging.requirements import Requirement

from tests.architecture.source import ROOT, Module, modules, program

FOLDERS = {".ci", "benchmarks", "docs", "forum", "migrations", "moderation", "scripts", "static", "templates", "tests"}
BUILT = re.compile(r"(^|/)(node_modules|dist|__pycache__|vendor|var|\.venv)/|\.(mo|pyc|min\.js|min\.css|whl|map)$")
LARGEST_BYTES = 1_000_000
"""Our longest files are catalogues of words, lock files and pictures for the docs; anything larger was not written here."""


def files() -> list[str]:
    """What is in the repository, or would be with the next commit."""
    listed = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    done = subprocess.run(listed, cwd=ROOT, capture_output=True, text=True, check=True)
    return [name for name in done.stdout.split("\0") if name and (ROOT / name).is_file()]


def strange_folders(names: list[str]) -> set[str]:
    return {name.split("/")[0] for name in names if "/" in name} - FOLDERS


def built_or_foreign(names: list[str]) -> list[str]:
    return [name for name in names if BUILT.search(name)]


@functools.cache
def distributions() -> dict[str, set[str]]:
    """Which installed packages, by their canonical names, own each importable top-level name."""
    return {top: {canonical(name) for name in names} for top, names in packages_distributions().items()}


def undeclared(module: Module, locked: set[str]) -> list[str]:
    """Third-party things a module imports that requirements.lock does not hold."""
    ours = {"forum", "moderation", "wsgi", "tests"}
    tops = {target.split(".")[0] for target in module.imports()} - set(sys.stdlib_module_names) - ours
    return [f"{module.name} imports {top}" for top in sorted(tops) if not distributions().get(top, set()) & locked]


def canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def locked(file: str) -> dict[str, str]:
    return dict(re.findall(r"^([a-z0-9][a-z0-9._-]*)==([^ ]+) ", (ROOT / file).read_text(), re.MULTILINE))


def unmet(requirements: list[str], versions: dict[str, str]) -> list[str]:
    wanted = [Requirement(text) for text in requirements]
    return [str(r) for r in wanted if not r.specifier.contains(versions.get(canonical(r.name), "0"), prereleases=True)]


def test_the_top_level_holds_what_it_should():
    assert strange_folders(files()) == set()


def test_nothing_built_or_foreign_is_committed():
    assert built_or_foreign(files()) == []
    assert [name for name in files() if (ROOT / name).stat().st_size > LARGEST_BYTES] == []


def test_everything_the_program_imports_is_locked():
    names = set(locked("requirements.lock"))
    assert [line for module in program() + modules("migrations") for line in undeclared(module, names)] == []


def test_what_the_servers_worker_imports_is_locked():
    """`make run` and the service use gunicorn's gevent worker; developers' tools hide it if a package is missing."""
    worker = next(file for file in files_of("gunicorn") or [] if file.name == "ggevent.py")
    module = Module("gunicorn.workers.ggevent", worker.read_text())
    assert undeclared(module, set(locked("requirements.lock"))) == []
    assert undeclared(module, set(locked("requirements.lock")) - {"packaging"}) != []


def test_the_locks_meet_the_declared_bounds():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    runtime, development = project["dependencies"], project["optional-dependencies"]["dev"]
    assert unmet(runtime, locked("requirements.lock")) == []
    assert unmet([*runtime, *development], locked("requirements-dev.lock")) == []
    shared = locked("requirements-dev.lock")
    assert {n: v for n, v in locked("requirements.lock").items() if shared[n] != v} == {}


def test_sec_s32_every_locked_package_has_a_hash_and_no_address():
    for file in ("requirements.lock", "requirements-dev.lock"):
        text = (ROOT / file).read_text()
        entries = re.split(r"^(?=[a-z0-9][a-z0-9._-]*==)", text, flags=re.MULTILINE)[1:]
        assert [entry.split()[0] for entry in entries if "--hash=sha256:" not in entry] == []
        assert not re.search(r"https?://|file:/|--(extra-)?index-url|--find-links| @ ", text)


def test_the_rules_bite():
    assert strange_folders(["src/app.py", "forum/a.py", "README.md"]) == {"src"}
    foreign = ["static/dist/app.js", "static/js/jquery.min.js", "node_modules/a/b.js", "forum/translations/cy/a.mo"]
    assert built_or_foreign([*foreign, "forum/a.py"]) == foreign
    assert undeclared(Module("forum.a", "def f():\n    import hypothesis\n"), {"flask"}) == [
        "forum.a imports hypothesis"
    ]
    assert undeclared(Module("forum.a", "import json, flask\n"), {"flask"}) == []
    assert unmet(["flask>=3.1,<3.2", "redis>=8"], {"flask": "3.1.3", "redis": "7.0"}) == ["redis>=8"]
