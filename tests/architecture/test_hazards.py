"""docs/hazard-log.md may name only goals that a test carries, and tests that there are."""

import re
from collections.abc import Iterator
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

from tests.architecture.test_needs import exists, rows

ROOT = Path(__file__).parents[2]
SHOWN_BY = 5
GOAL = re.compile(r"(SEC-S|NEVER-|SG|[A-Z])(\d+)")


def coverage() -> ModuleType:
    spec = spec_from_file_location("coverage_script", ROOT / "scripts" / "coverage.py")
    assert spec
    assert spec.loader
    made = module_from_spec(spec)
    spec.loader.exec_module(made)
    return made


def goals_of(cell: str) -> Iterator[str]:
    """Each goal of a cell; "L1 to L30" are thirty."""
    for part in cell.split(","):
        found = [GOAL.fullmatch(one.strip()) for one in part.split(" to ")]
        assert all(found), f"“{part}” is no goal"
        ends = [int(one[2]) for one in found if one]
        yield from (f"{found[0][1]}{n}" for n in range(ends[0], ends[-1] + 1))  # type: ignore[index]


def test_each_hazard_names_goals_that_have_a_test() -> None:
    carried, _unknown = coverage().tests_by_goal(ROOT / "tests")
    page = (ROOT / "docs" / "hazard-log.md").read_text("utf-8")
    shown = [part.strip() for row in rows(page) for part in row[SHOWN_BY].split(",")]
    tests = [part for part in shown if "::" in part]
    named = {goal for part in shown if "::" not in part for goal in goals_of(part)}
    assert len(named) > 50
    assert sorted(named - set(carried)) == []
    assert [one for one in tests if not exists(one)] == []


def test_a_goal_without_a_test_is_found() -> None:
    carried, _unknown = coverage().tests_by_goal(ROOT / "tests")
    assert set(goals_of("SG999, R8")) - set(carried) == {"SG999"}
