"""What a change of the ground rules may say: law and the organisation's floor stay (C3), and people can read the rest."""

import re
from collections.abc import Mapping, Sequence

from sqlalchemy import select

from forum.base.characters import normalise
from forum.base.db import rows
from forum.base.errors import Conflict, Invalid
from forum.base.words import _
from forum.ground_rules.patches import EDIT, MOVE, DoesNotFit, Patch, Rule, apply
from forum.models import ClauseKind, Floor
from forum.policy import bindings

#: What the columns hold, and what people read on a small screen.
MOST_HEADING, MOST_BODY, MOST_WHY, MOST_SUMMARY, MOST_RATIONALE = 120, 2000, 500, 300, 4000
#: Beyond nine people stop reading, and the page says so; this is where it ends.
MOST_CLAUSES = 16
UID = re.compile(r"[a-z0-9-]{1,40}")
#: An edit of these parts alone can be said to change nothing: no setting, no clause more or less.
WORDS = frozenset({"heading", "body", "why", "easy"})


def floor_of(organisation_id: bytes) -> dict[str, str]:
    """What an organisation asks for at least, by key."""
    found = rows(select(Floor.key, Floor.value).where(Floor.organisation_id == organisation_id))
    return {one.key: one.value for one in found if one.key in bindings.REGISTRY}


def check(patch: Patch, base: Sequence[Rule], floor: Mapping[str, str]) -> tuple[Rule, ...]:
    """The version that comes of a patch, if a group may decide about it.

    :raises Invalid: what to change. :raises Conflict: the rules changed meanwhile.
    """
    try:
        result = apply(patch, base)
    except DoesNotFit as error:
        raise Conflict(_("The rules changed meanwhile. Please look at them again.")) from error
    if _given(base) != _given(result):
        raise Invalid(_("This rule comes from the law or from the organisation. A group cannot change it."))
    if len(result) > MOST_CLAUSES:
        raise Invalid(_("There are too many rules to read. Take one out first, or put two together."))
    before = {one.uid: one for one in base}
    for one in result:
        if one != before.get(one.uid):
            _check_clause(one, before.get(one.uid), floor)
    return result


def _given(rules: Sequence[Rule]) -> list[Rule]:
    return [one for one in rules if one.kind == ClauseKind.GIVEN]


def _check_clause(rule: Rule, before: Rule | None, floor: Mapping[str, str]) -> None:
    if not UID.fullmatch(rule.uid) or rule.kind not in list(ClauseKind):
        raise Conflict(_("The rules changed meanwhile. Please look at them again."))
    if not 1 <= len(rule.heading.strip()) <= MOST_HEADING:
        raise Invalid(_("Give the rule a heading of at most %(n)s letters.", n=MOST_HEADING), "heading")
    if not 1 <= len(rule.body.strip()) <= MOST_BODY:
        raise Invalid(_("Write the rule in at most %(n)s letters.", n=MOST_BODY), "body")
    if len(rule.why) > MOST_WHY or len(rule.easy) > MOST_BODY:
        raise Invalid(_("Please make this shorter: at most %(n)s letters.", n=MOST_WHY), "why")
    if (rule.question, rule.answers) != ((before.question, before.answers) if before else (None, "[]")):
        raise Conflict(_("The rules changed meanwhile. Please look at them again."))
    _check_binding(rule, floor)


def _check_binding(rule: Rule, floor: Mapping[str, str]) -> None:
    key, value = rule.binding_key, rule.binding_value
    if key is None or value is None:
        if rule.kind == ClauseKind.ENFORCED or key != value:
            raise Invalid(_("Choose what the program shall keep, or make it a rule for people."), "binding_value")
        return
    bindings.check(key, value)
    if key in floor and bindings.is_looser(key, value, floor[key]):
        raise Invalid(
            _("The organisation that runs this group asks for more than that. Choose a stricter value."),
            "binding_value",
        )


def is_editorial(patch: Patch) -> bool:
    """Whether a patch can be one that changes no meaning: only words, their order, or where they came from."""
    return all(one.do == MOVE or (one.do == EDIT and set(one.to) <= {*WORDS, "origin"}) for one in patch)


def clean_line(text: str, most: int, field: str) -> str:
    """One line of words. :raises Invalid: empty or too long."""
    clean = " ".join(normalise(text[: 4 * most]).split())
    if not 1 <= len(clean) <= most:
        raise Invalid(_("Write something here, in at most %(n)s letters.", n=most), field)
    return clean


def clean_text(text: str, most: int, field: str) -> str:
    """Words in paragraphs. :raises Invalid: empty or too long."""
    clean = normalise(text[: 4 * most]).strip()
    if not 1 <= len(clean) <= most:
        raise Invalid(_("Write something here, in at most %(n)s letters.", n=most), field)
    return clean
