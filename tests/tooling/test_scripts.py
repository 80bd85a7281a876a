"""The project's own scripts: what they count, refuse and say."""

import importlib.util
import socket
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[2]


def script(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"scripts_{name}", ROOT / "scripts" / f"{name}.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look their module up by name
    spec.loader.exec_module(module)
    return module


def test_a_tests_name_carries_its_goals(tmp_path):
    coverage = script("coverage")
    (tmp_path / "test_a.py").write_text(
        "def test_sec_s3_s4_cookie():\n    pass\nclass TestB:\n    def test_x5_x6_targets(self):\n        pass\n"
        "def test_l14():\n    pass\ndef test_small_words():\n    pass\ndef test_r23_too_far():\n    pass\n"
        "def test_sg_s6_hidden():\n    pass\ndef helper_j1():\n    pass\n"
    )
    carried, unknown = coverage.tests_by_goal(tmp_path)
    assert sorted(carried) == ["L14", "SEC-S3", "SEC-S4", "SG6", "X5", "X6"]
    assert [place.rpartition("::")[2] for place in unknown] == ["test_r23_too_far"]
    page = coverage.render(carried)
    assert "6 of 176 goals" in page
    assert "No test yet: J1, J2" in page


def test_a_copyleft_licence_needs_a_reason():
    licences = script("licences")
    assert licences.unexplained({"flask": "BSD-3-Clause", "psycopg": "LGPL-3.0-only"}) == []
    assert licences.unexplained({"new-thing": "GPL-3.0", "silent": ""}) == [
        "new-thing: GPL-3.0 needs a reason in scripts/licences.py",
        "silent: states no licence",
    ]


def test_a_port_in_use_is_said_before_anything_is_made():
    run = script("run")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert f"make run PORT={port + 1}" in run.why_not(port)
    assert run.why_not(port) is None


@pytest.mark.parametrize(("given", "expected"), [({}, "1"), ({"FORUM_DEMO": "0"}, "0"), ({"FORUM_DEMO": ""}, "1")])
def test_what_is_set_in_the_environment_wins(given, expected):
    assert script("run").demonstration({"FORUM_VAR": "/tmp/x", **given})["FORUM_DEMO"] == expected


def test_the_demonstrations_files_stand_together():
    settings = script("run").demonstration({"FORUM_VAR": "/tmp/x"})
    assert settings["DATABASE_URL"] == "sqlite:////tmp/x/forum.db"
    assert settings["FORUM_KEYRING_FILE"] == "/tmp/x/keyring.json"


def test_an_archive_without_a_guide_is_not_made():
    release = script("release")
    names = {path.relative_to(ROOT).as_posix() for path in ROOT.rglob("*") if ".venv" not in path.parts}
    assert release.missing(names) == []
    lacking = names - {"docs/members.md", "docs/easy-read/door.svg"}
    assert release.missing(lacking) == ["docs/easy-read/door.svg", "docs/members.md"]
