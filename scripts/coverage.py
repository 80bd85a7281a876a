"""Which goal has which test: writes or checks docs/coverage.md.

A test carries a goal's number in its name: test_sec_s3_…, test_l14_…, test_r2_…, test_x5_…, test_j1_…,
test_m4_…, test_c9_…, test_sg6_…, test_never_6_…; several may follow one another (test_x5_x6_…, test_sec_s1_s2_…).
"""

import argparse
import ast
import re
import sys
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "coverage.md"


@dataclass(frozen=True)
class Family:
    """One list of goals: how many there are, and how a test's name says its number.

    :param again: how a second number of the list begins, if shorter than the first.
    """

    title: str
    label: str
    last: int
    pattern: str
    again: str = ""

    def goals(self) -> list[str]:
        return [f"{self.label}{number}" for number in range(1, self.last + 1)]

    def numbers_in(self, name: str) -> list[int]:
        runs = re.findall(rf"(?<=_){self.pattern}\d+(?:_{self.again or self.pattern}\d+)*(?=_|$)", name)
        return [int(number) for run in runs for number in re.findall(r"\d+", run)]


FAMILIES = (
    Family("Security goals", "SEC-S", 33, "sec_s", "s"),
    Family("Channels a mask can leak through", "L", 30, "l"),
    Family("Faults and recovery", "R", 22, "r"),
    Family("Accessibility", "X", 20, "x"),
    Family("Journeys", "J", 11, "j"),
    Family("Moderation invariants", "M", 15, "m"),
    Family("Ground rules", "C", 10, "c"),
    Family("Safeguarding invariants", "SG", 21, "sg(?:_s)?"),
    Family("What must never happen (safeguarding §3.10)", "NEVER-", 14, "never_"),
)


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--write", action="store_true", help="write the page instead of checking it")
    write = arguments.parse_args().write
    carried, unknown = tests_by_goal(ROOT / "tests")
    if unknown:
        print("\n".join(f"{name} names a goal that does not exist" for name in unknown), file=sys.stderr)
        return 1
    page = render(carried)
    if write:
        PAGE.write_text(page)
    elif not PAGE.exists() or PAGE.read_text() != page:
        print("docs/coverage.md is not up to date. Run: make coverage-page", file=sys.stderr)
        return 1
    return 0


def tests_by_goal(folder: Path) -> tuple[dict[str, list[str]], list[str]]:
    """Each goal's tests as ``path::name``, and the tests whose number is past the end of its list."""
    carried: dict[str, list[str]] = defaultdict(list)
    unknown = []
    for path in sorted(folder.rglob("test_*.py")):
        for name in test_names(path.read_text()):
            for family in FAMILIES:
                for number in family.numbers_in(name):
                    place = f"{path.relative_to(folder.parent)}::{name}"
                    if 1 <= number <= family.last:
                        carried[f"{family.label}{number}"].append(place)
                    else:
                        unknown.append(place)
    return carried, unknown


def test_names(source: str) -> list[str]:
    """Test functions and methods of a module, as pytest would find them."""
    functions = (n for n in ast.walk(ast.parse(source)) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef))
    return [function.name for function in functions if function.name.startswith("test_")]


def render(carried: dict[str, list[str]]) -> str:
    everything = [goal for family in FAMILIES for goal in family.goals()]
    parts = [
        "# Which goal has which test\n",
        "Made by `make coverage-page` from the names of the tests. A test here says that somebody tried;",
        "only reading it says how much of the goal it holds.\n",
        f"{sum(goal in carried for goal in everything)} of {len(everything)} goals have a test.\n",
    ]
    for family in FAMILIES:
        without = [goal for goal in family.goals() if goal not in carried]
        parts += [f"## {family.title} ({family.label}1 to {family.label}{family.last})\n"]
        parts += [
            f"- **{goal}**: {', '.join(f'`{t}`' for t in carried[goal])}" for goal in family.goals() if goal in carried
        ]
        parts += [f"- No test yet: {', '.join(without)}"] if without else []
        parts += [""]
    return "\n".join(parts)


if __name__ == "__main__":
    sys.exit(main())
