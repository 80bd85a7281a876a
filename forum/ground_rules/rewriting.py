"""Several rules at once: what a form with all rules in it says, as a patch. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from forum.base.errors import Invalid
from forum.ground_rules import checks
from forum.ground_rules.patches import ADD, EDIT, MOVE, REMOVE, Change, Patch, Rule, apply, diff
from forum.models import ClauseKind


@dataclass(frozen=True)
class Said:
    """What the form says of one rule.

    :param parts: heading, body, why and, where a setting hangs on it, binding_value. :param place: from 1, in the list as
        the form shows it. :param gone: it is taken out.
    """

    parts: Mapping[str, str]
    place: int
    gone: bool = False


def patch_of(base: Sequence[Rule], shown: Sequence[Rule], said: Mapping[str, Said], added: Sequence[Rule]) -> Patch:
    """What has to change of `base`.

    :param shown: the rules that stood in the form: those of `base`, or as a proposal would have them. Of each that the form
        says nothing about, nothing changes. :param added: new rules, for the end.
    :raises Invalid: one rule's words cannot stand; its field is `part-uid`.
    """
    changes: list[Change] = []
    for n, rule in enumerate(shown, start=1):
        if rule.kind != ClauseKind.GIVEN and rule.uid in said:
            changes += _changes(rule, n, said[rule.uid])
    for change in changes:
        _check(change, shown)
    end = len(shown) - sum(one.do == REMOVE for one in changes)
    changes += [_new(rule, end + n, shown) for n, rule in enumerate(added, start=1)]
    return diff(base, apply(tuple(changes), shown))


def _changes(rule: Rule, place: int, said: Said) -> list[Change]:
    if said.gone:
        return [Change(rule.uid, REMOVE)]
    kept: dict[str, str | None] = {
        name: value for name, value in said.parts.items() if value != (getattr(rule, name) or "").strip()
    }
    if "body" in kept and rule.easy:
        kept["easy"] = ""  # its Easy Read says the old rule
    edit = [Change(rule.uid, EDIT, kept)] if kept else []
    return [*edit, Change(rule.uid, MOVE, ord=said.place)] if said.place != place else edit


def _new(rule: Rule, place: int, shown: Sequence[Rule]) -> Change:
    parts = {name: getattr(rule, name) for name in ("heading", "body", "why", "origin")}
    change = Change(rule.uid, ADD, parts, place)
    _check(change, shown, "new")
    return change


def _check(change: Change, shown: Sequence[Rule], named: str = "") -> None:
    """Each rule alone, so that the page can say which one has to be other. The whole is checked by whoever keeps it."""
    try:
        checks.check((change,), shown, {})
    except Invalid as error:
        if error.field:
            raise Invalid(error.message, f"{error.field}-{named or change.uid}") from error
        raise
