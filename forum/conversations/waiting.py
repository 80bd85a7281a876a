"""What somebody is told whose words wait for a person: why, and the one true sentence about when."""

from forum.base import clock
from forum.base.words import _
from forum.groups.brakes import when
from forum.policy.gate import Wait
from forum.policy.terms import Terms

#: Of other reasons an author learns only that a person reads first: they would tell of somebody else.
TOLD = frozenset(
    {
        "link",
        "sold",
        "phone",
        "word",
        "newcomer",
        "alias",
        "everything",
        "hours",
        "brake",
        "returned",
        "held_author",
        "room_desk",
    }
    | {"noted", "crisis_talk"}
)
#: The settings by which a group's rules make posts wait.
RULES = {
    "link": "links",
    "newcomer": "premod",
    "alias": "premod",
    "everything": "premod",
    "noted": "premod",
    "hours": "mod.premod_hours",
    "crisis_talk": "crisis_talk",
}


def reasons_of(wait: Wait | None) -> list[str]:
    """Codes of why a post waits, as far as its author may know.

    :param wait: of `gate.find_wait`; the caller asks whether the post is theirs.
    """
    return [code for code in wait.reasons if code in TOLD] if wait else []


def rules_of(codes: list[str], terms: Terms) -> dict[str, str]:
    """For each of these reasons the rule behind it with its date, as a sentence, where there is one."""
    return {code: terms.cite(RULES[code]) for code in codes if code in RULES and terms.asks(RULES[code])}


def promise(wait: Wait | None, zone: str) -> str:
    """When somebody looks at a post that waits, from the duty times and nothing else; "" if nothing waits for a look."""
    if wait is None:
        return ""
    if wait.due_at is None:
        return _("No one from the team is due, so we cannot say when. Your words stay kept until someone reads them.")
    if wait.due_at <= clock.now():
        return _(
            "Someone was to read it before now. It is late, and we are sorry. It still waits, and nothing is lost."
        )
    return _("Someone from the team is to read it by then: %(when)s.", when=when(wait.due_at, zone))
