"""What one version of the ground rules changes of another, by the uid of each clause. Pure: nothing here asks a database.

A proposal is kept as such a patch, so that it can be shown as a difference, counted as one decision, and carried over to
a version that came into force meanwhile.
"""

import difflib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any

ADD, EDIT, REMOVE, MOVE = "add", "edit", "remove", "move"


@dataclass(frozen=True)
class Rule:
    """One clause without its version. Its place in the list is its order."""

    uid: str
    heading: str
    body: str
    why: str = ""
    easy: str = ""
    kind: str = "value"
    binding_key: str | None = None
    binding_value: str | None = None
    question: str | None = None
    answers: str = "[]"
    origin: str = ""


#: What an edit may say anew: everything but the uid.
PARTS = tuple(one.name for one in fields(Rule) if one.name != "uid")


@dataclass(frozen=True)
class Change:
    """What happens to one clause.

    :param do: ADD, EDIT, REMOVE or MOVE. :param to: the parts that an edit says anew, or all parts of a clause that is added.
    :param ord: from 1, the place in the new version of what is added or moved.
    """

    uid: str
    do: str
    to: Mapping[str, str | None] = field(default_factory=dict)
    ord: int | None = None


Patch = tuple[Change, ...]
Rules = Sequence[Rule]


class DoesNotFit(ValueError):
    """The patch was not made for this version, or is not whole."""


def apply(patch: Patch, clauses: Rules) -> tuple[Rule, ...]:
    """The version that comes of it: what is taken out goes, edits are made, then each clause finds its place.

    :raises DoesNotFit: it changes a clause that is not there, or adds one that is.
    """
    found = {one.uid: one for one in clauses}
    placed: list[tuple[int, Rule]] = []
    for change in patch:
        if change.do == EDIT:
            found[change.uid] = _edited(_there(found, change), change.to)
        elif change.do == REMOVE:
            _there(found, change)
            del found[change.uid]
    for change in patch:
        if change.do == MOVE:
            placed.append((change.ord or 1, _there(found, change)))
            del found[change.uid]
    result = list(found.values())
    placed += [(change.ord or 1, _added(change)) for change in patch if change.do == ADD]
    for ord_, rule in sorted(placed, key=lambda one: one[0]):
        result.insert(max(0, ord_ - 1), rule)
    if len({one.uid for one in result}) < len(result):
        raise DoesNotFit("a clause twice")
    return tuple(result)


def _there(found: Mapping[str, Rule], change: Change) -> Rule:
    if change.uid not in found:
        raise DoesNotFit(change.uid)
    return found[change.uid]


def _edited(rule: Rule, to: Mapping[str, str | None]) -> Rule:
    if not set(to) <= set(PARTS):
        raise DoesNotFit(rule.uid)
    return replace(rule, **to)  # type: ignore[arg-type]


def _added(change: Change) -> Rule:
    try:
        return Rule(change.uid, **change.to)  # type: ignore[arg-type]
    except TypeError as error:
        raise DoesNotFit(change.uid) from error


def diff(old: Rules, new: Rules) -> Patch:
    """The patch that makes `new` of `old`; as few clauses as can be are said to have moved."""
    before, after = {one.uid: one for one in old}, {one.uid: one for one in new}
    removed = [Change(uid, REMOVE) for uid in before if uid not in after]
    edited = [
        Change(uid, EDIT, _parts_changed(rule, after[uid]))
        for uid, rule in before.items()
        if uid in after and after[uid] != rule
    ]
    stay = _in_the_same_order([one for one in before if one in after], [one for one in after if one in before])
    placed = [
        Change(uid, MOVE, ord=n) if uid in before else Change(uid, ADD, parts(rule), n)
        for n, (uid, rule) in enumerate(after.items(), start=1)
        if uid not in stay
    ]
    return (*removed, *edited, *placed)


def parts(rule: Rule) -> dict[str, str | None]:
    """All that a clause says, as `Change.to` of one that is added."""
    return {name: value for name, value in asdict(rule).items() if name != "uid"}


def _parts_changed(old: Rule, new: Rule) -> dict[str, str | None]:
    before = parts(old)
    return {name: value for name, value in parts(new).items() if value != before[name]}


def _in_the_same_order(old: Sequence[str], new: Sequence[str]) -> set[str]:
    """A longest run of clauses that stand in the same order in both: the others moved."""
    place = {uid: n for n, uid in enumerate(old)}
    runs: list[list[str]] = []
    for uid in new:
        before = [run for run in runs if place[run[-1]] < place[uid]]
        runs.append([*_longest(before), uid])
    return set(_longest(runs))


def _longest(runs: Sequence[list[str]]) -> list[str]:
    return max(runs, key=len) if runs else []


@dataclass(frozen=True)
class Rebased:
    """A patch carried over to another version.

    :param conflicts: clauses that both changed, each in its own way. There the patch still says what its author wanted,
        and people have to talk again.
    """

    patch: Patch
    conflicts: tuple[str, ...]


def rebase(patch: Patch, base: Rules, current: Rules) -> Rebased:
    """The same wish about `current`, which came of `base` meanwhile. Compared by clause, not by word: half of one wording
    beside half of another is a rule that nobody wrote.

    :param patch: made for `base`. :raises DoesNotFit: it was not.
    """
    wanted = {one.uid: one for one in apply(patch, base)}
    before, now = ({one.uid: one for one in rules} for rules in (base, current))
    told = {change.uid for change in patch if change.do != MOVE}
    conflicts = sorted(uid for uid in told if now.get(uid) not in (before.get(uid), wanted.get(uid)))
    kept = [rule for one in current if (rule := wanted.get(one.uid) if one.uid in told else one)]
    placed = {change.uid for change in patch if change.do in (ADD, MOVE)} | {uid for uid in conflicts if uid not in now}
    for uid in [one for one in wanted if one in placed and (one in now or one in told)]:
        kept = _behind(kept, wanted[uid] if uid in told else now[uid], list(wanted))
    return Rebased(diff(current, kept), tuple(conflicts))


def _behind(kept: Sequence[Rule], rule: Rule, order: Sequence[str]) -> list[Rule]:
    """The list with this clause after the last of those that it follows in `order`."""
    earlier = set(order[: order.index(rule.uid)])
    others = [one for one in kept if one.uid != rule.uid]
    at = max((n for n, one in enumerate(others, start=1) if one.uid in earlier), default=0)
    return [*others[:at], rule, *others[at:]]


@dataclass(frozen=True)
class Piece:
    """Some words of a difference.

    :param how: "same", "added" or "removed".
    """

    how: str
    text: str


def words_diff(old: str, new: str) -> tuple[Piece, ...]:
    """Which words went and which came, in the order of reading. Without the removed ones it is `new`, without the added
    ones `old`, spaces included."""
    before, after = _words(old), _words(new)
    pieces: list[Piece] = []
    for how, a, b, c, d in difflib.SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if how == "equal":
            pieces.append(Piece("same", "".join(before[a:b])))
            continue
        pieces += [Piece("removed", "".join(before[a:b]))] if a < b else []
        pieces += [Piece("added", "".join(after[c:d]))] if c < d else []
    return tuple(pieces)


def _words(text: str) -> list[str]:
    """Each word with the space before it: a space that stands alone matches every other one, and the words get lost."""
    return re.findall(r"\s*\S+|\s+", text)


def to_json(patch: Patch) -> str:
    """How a patch is kept."""
    return json.dumps([asdict(change) for change in patch], ensure_ascii=False)


def from_json(text: str) -> Patch:
    """The patch that `to_json` wrote."""
    found: list[dict[str, Any]] = json.loads(text)
    return tuple(Change(**one) for one in found)
