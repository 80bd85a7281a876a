"""What a group chose: its card, duty times, holding newcomers, its own words. Each says what it costs before it is kept."""

from dataclasses import dataclass, fields, replace
from datetime import date, datetime, time

from sqlalchemy import delete, insert, select, update

from forum.base.db import row
from forum.base.errors import Invalid
from forum.base.idents import new_ident
from forum.base.keyring import Scope
from forum.base.transaction import here, transaction
from forum.base.words import _, ngettext
from forum.groups import costs, queries
from forum.models import DutyException, DutySlot, Group, Hold
from forum.policy import terms
from forum.policy.actor import Actor
from forum.policy.holding import decided_under, held_under
from forum.policy.permissions import may_facilitate, require

#: A list longer than this holds so much that nobody can keep up with reading it.
MOST_WORDS = 500
#: What a card's text may hold: more is not read on a phone at night.
MOST_TEXT, MOST_HOURS = 2000, 200
#: What the card says, by the names of its columns.
TEXTS = ("benefits", "who_for", "expect", "hours", "facilitators")


@dataclass(frozen=True)
class Choices:
    """The group's card, and what waits for a person. One choice a line where a text has several."""

    benefits: str
    who_for: str
    expect: str = ""
    hours: str = ""
    facilitators: str = ""
    hold_newcomers: bool = False
    words: str = ""


def find_choices(actor: Actor, scope: Scope) -> Choices:
    """What the group chose.

    :raises NotFound, NotAllowed: no facilitator of this group.
    """
    require(may_facilitate, actor, scope.group_id)
    names = [f.name for f in fields(Choices)]
    found = row(select(*(getattr(Group, name) for name in names)).where(Group.id == scope.group_id))
    assert found is not None
    return Choices(**found._asdict())


def newcomers_rule(group_id: bytes) -> str:
    """What the group's rules say about first posts, with the clause; "" if its team chooses."""
    here = terms.of_group(group_id)
    key = decided_under(here).get(Hold.NEWCOMERS)
    if key is None:
        return ""
    if held_under(here, Hold(0)) & (Hold.NEWCOMERS | Hold.EVERYTHING):
        return _("First posts wait until somebody reads them.") + " " + here.cite(key)
    return _("First posts go out at once.") + " " + here.cite(key)


def check(choices: Choices) -> Choices:
    """What was typed, tidied.

    :raises Invalid: something is missing or too long.
    """
    for name, most in (("benefits", MOST_TEXT), ("who_for", MOST_TEXT), ("hours", MOST_HOURS)):
        text = getattr(choices, name).strip()
        if len(text) > most:
            raise Invalid(_("Use at most %(n)s letters here.", n=most), name)
        if not text and name != "hours":
            raise Invalid(_("Write something here. It is the first thing people read."), name)
    for name in ("expect", "facilitators"):
        if len(getattr(choices, name)) > MOST_TEXT:
            raise Invalid(_("Use at most %(n)s letters here.", n=MOST_TEXT), name)
    tidied = {name: getattr(choices, name).replace("\r\n", "\n").strip() for name in TEXTS}
    words = "\n".join(_words(choices.words))
    return Choices(**tidied, hold_newcomers=choices.hold_newcomers, words=words)


def consequences(actor: Actor, scope: Scope, zone: str, wanted: Choices) -> list[str]:
    """What saving this does, in people and days; empty if it changes nothing.

    :raises NotFound, NotAllowed: no facilitator of this group.
    """
    before = find_choices(actor, scope)
    wanted = _as_decided(scope, before, wanted)
    said = []
    if any(getattr(before, name) != getattr(wanted, name) for name in TEXTS):
        members = queries.count_members(scope.group_id)
        said.append(
            ngettext(
                "The group's page changes at once: for its %(num)d member and for everyone who looks at it from outside.",
                "The group's page changes at once: for its %(num)d members and for everyone who looks at it from outside.",
                members,
            )
        )
    if before.hold_newcomers != wanted.hold_newcomers:
        said += _cost_of_holding(scope.group_id, zone, wanted.hold_newcomers)
    if before.words != wanted.words:
        said += _cost_of_words(scope.group_id, zone, frozenset(_words(wanted.words)))
    return said


def _cost_of_holding(group_id: bytes, zone: str, hold: bool) -> list[str]:
    count = costs.count_first_posts(group_id)
    if not hold:
        return [
            _("First posts of new people go out at once, unless something else holds them."),
            ngettext(
                "In the last 30 days that was %(num)d post under a name.",
                "In the last 30 days that was %(num)d posts under a name.",
                count,
            ),
        ]
    return [
        _("This will hold the first posts of new people until one of the team reads them."),
        ngettext(
            "In the last 30 days that would have been %(num)d post under a name.",
            "In the last 30 days that would have been %(num)d posts under a name.",
            count,
        ),
        wait_words(group_id, zone),
    ]


def _cost_of_words(group_id: bytes, zone: str, words: frozenset[str]) -> list[str]:
    if not words:
        return [_("No post waits for a word of the group's own list any more.")]
    found = costs.count_word_posts(group_id, words)
    return [
        _("A post with one of these words waits until somebody of the team reads it."),
        _(
            "Of the last %(read)s posts in 30 days, %(waiting)s would have waited.",
            read=found.read,
            waiting=found.waiting,
        ),
        wait_words(group_id, zone),
    ]


def wait_words(group_id: bytes, zone: str) -> str:
    """How long a post waits on average, by the duty times of the coming week."""
    wait = costs.average_wait(group_id, zone)
    if wait is None:
        return _("The duty table is empty for the next week. So we cannot say when someone looks.")
    hours = round(wait.total_seconds() / 3600)
    if not hours:
        return _("On average someone looks within the hour.")
    return ngettext(
        "On average someone looks after %(num)d hour.",
        "On average someone looks after %(num)d hours.",
        hours,
    )


def save(actor: Actor, scope: Scope, wanted: Choices) -> None:
    """Keep what the group chose.

    :raises NotFound, NotAllowed: no facilitator of this group. :raises Invalid: as `check`.
    """
    clean = _as_decided(scope, find_choices(actor, scope), check(wanted))
    _set(scope.group_id, **{f.name: getattr(clean, f.name) for f in fields(Choices)})


def add_duty(group_id: bytes, weekday: int, starts: str, ends: str, who: str = "") -> None:
    """Somebody looks after the group at these hours every week.

    :param weekday: 0 = Monday. :param starts: HH:MM; an end at or before it is the next day.
    :raises Invalid: not a time of day.
    """
    values = {"weekday": weekday, "starts": _clock(starts), "ends": _clock(ends), "who": who[:60]}
    with transaction():
        here().execute(insert(DutySlot).values(id=new_ident(), group_id=group_id, **values))


def add_exception(group_id: bytes, day: date, starts: str = "", ends: str = "") -> None:
    """One date that differs: other hours, or nobody. What was said of that date before is replaced.

    :raises Invalid: not a time of day.
    """
    hours = {"starts": _clock(starts) if starts else "", "ends": _clock(ends) if ends else ""}
    on = day.date() if isinstance(day, datetime) else day
    with transaction():
        here().execute(delete(DutyException).where(DutyException.group_id == group_id, DutyException.day == on))
        here().execute(insert(DutyException).values(id=new_ident(), group_id=group_id, day=on, **hours))


def _clock(typed: str) -> str:
    try:
        return f"{time.fromisoformat(typed):%H:%M}"
    except ValueError as error:
        raise Invalid(_("“%(typed)s” is no time of day. Write it as 19:00.", typed=typed)) from error


def _as_decided(scope: Scope, before: Choices, wanted: Choices) -> Choices:
    """What the rules decide stays as it is, whatever was sent."""
    return replace(wanted, hold_newcomers=before.hold_newcomers) if newcomers_rule(scope.group_id) else wanted


def set_hold_newcomers(group_id: bytes, hold: bool) -> None:
    """Whether first posts wait for a person; off at the start, because waiting costs a frightened person most.

    :raises Invalid: the group's rules decide it.
    """
    if said := newcomers_rule(group_id):
        raise Invalid(said)
    _set(group_id, hold_newcomers=hold)


def set_words(group_id: bytes, text: str) -> int:
    """The group's own list, one word or short phrase a line. Gives how many there are.

    :raises Invalid: more than MOST_WORDS.
    """
    words = _words(text)
    _set(group_id, words="\n".join(words))
    return len(words)


def _words(text: str) -> list[str]:
    words = [line.strip() for line in text.splitlines() if line.strip()]
    if len(words) > MOST_WORDS:
        raise Invalid(_("At most %(n)s words: a longer list holds more than a team can read.", n=MOST_WORDS), "words")
    return words


def _set(group_id: bytes, **columns: object) -> None:
    with transaction():
        here().execute(update(Group).where(Group.id == group_id).values(**columns))
