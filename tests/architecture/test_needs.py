"""docs/needs.md may claim only what a test proves."""

import ast
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
HOW_MANY = 103
STATES = ("done", "part", "not yet")
COLUMNS = 5


def faults(page: str) -> list[str]:
    """Say everything that is wrong with the table of needs, one sentence each."""
    found, numbers = [], []
    for row in rows(page):
        if len(row) != COLUMNS:
            found.append(f"a row has {len(row)} columns: {row}")
            continue
        number, need, screen, tests, state = row
        numbers.append(number)
        ids = [test.strip() for test in tests.split(",") if test.strip()]
        if not (need and screen):
            found.append(f"{number}: need and screen must be written")
        if state not in STATES:
            found.append(f"{number}: “{state}” is not a state")
        if state != "not yet" and not ids:
            found.append(f"{number}: {state}, but no test is named")
        found += [f"{number}: {test} does not exist" for test in ids if not exists(test)]
    if numbers != [str(n) for n in range(1, HOW_MANY + 1)]:
        found.append(f"the numbers 1 to {HOW_MANY} must each be there once, in order")
    return found


def rows(page: str) -> list[list[str]]:
    """Give the cells of each row of the table, without its two head rows."""
    lines = [line.strip() for line in page.splitlines() if line.lstrip().startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


def exists(test_id: str) -> bool:
    """Tell if `path::function` names a test that pytest would run."""
    path, _, function = test_id.partition("::")
    name = function.partition("[")[0]
    return name.startswith("test_") and Path(path).name.startswith("test_") and name in functions(path)


@cache
def functions(path: str) -> frozenset[str]:
    """Name the functions at the top of a test file; none if there is no such file."""
    file = ROOT / path
    if not file.is_file():
        return frozenset()
    return frozenset(
        node.name for node in ast.parse(file.read_text(encoding="utf-8")).body if isinstance(node, ast.FunctionDef)
    )


def page() -> str:
    return (ROOT / "docs" / "needs.md").read_text(encoding="utf-8")


def test_the_page_of_needs_claims_only_what_a_test_proves():
    assert faults(page()) == []


HERE = "tests/architecture/test_needs.py::test_the_page_of_needs_claims_only_what_a_test_proves"


@pytest.mark.parametrize(
    ("row", "fault"),
    [
        ("| 7 | need | screen | | done |", "7: done, but no test is named"),
        ("| 7 | need | screen | | part |", "7: part, but no test is named"),
        ("| 7 | need | screen | tests/gone.py::test_gone | done |", "7: tests/gone.py::test_gone does not exist"),
        (f"| 7 | need | screen | {HERE}_at_all | done |", f"7: {HERE}_at_all does not exist"),
        ("| 7 | need | screen | tests/plain_words.py::grade | done |", "7: tests/plain_words.py::grade does not exist"),
        ("| 7 | need | screen | | nearly |", "7: “nearly” is not a state"),
        ("| 7 | | screen | | not yet |", "7: need and screen must be written"),
        ("| 7 | need | screen | not yet |", "a row has 4 columns: ['7', 'need', 'screen', 'not yet']"),
        ("", "the numbers 1 to 103 must each be there once, in order"),
        ("| 6 | need | screen | | not yet |", "the numbers 1 to 103 must each be there once, in order"),
    ],
)
def test_a_false_claim_is_found(row, fault):
    lines = page().splitlines()
    seventh = next(n for n, line in enumerate(lines) if line.startswith("| 7 |"))
    lines[seventh] = row
    assert fault in faults("\n".join(lines))


def test_a_true_claim_passes():
    lines = [
        f"| 7 | need | screen | {HERE} | done |" if line.startswith("| 7 |") else line for line in page().splitlines()
    ]
    assert faults("\n".join(lines)) == []
