"""Example conversations that facilitators make up, so that newcomers see how people talk here before they join."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Row, delete, func, insert, select, update

from forum.accounts import names
from forum.base import text
from forum.base.characters import normalise
from forum.base.db import row, rows
from forum.base.errors import Invalid, NotAllowed, NotFound
from forum.base.idents import new_ident
from forum.base.keyring import Scope
from forum.base.pools import render_pool
from forum.base.transaction import here, transaction
from forum.base.words import _
from forum.groups import queries
from forum.models import Example, ExamplePost
from forum.policy import gate, terms
from forum.policy.actor import Actor
from forum.policy.gate import Situation
from forum.policy.members import actor_in
from forum.policy.permissions import Denial, may_facilitate, require

#: Somebody who wonders whether to come in reads one or two; more would hide them.
MOST_EXAMPLES = 5
MOST_VOICES = 8
LEAST_VOICES = 2
MOST_TITLE = 120
MOST_NAME = 30
#: As a room message: an example is read on a phone, standing up.
MOST_LETTERS = text.MAX_ROOM_BODY


@dataclass(frozen=True)
class Voice:
    """What one made-up person says."""

    name: str
    body: str
    html: str = ""


@dataclass(frozen=True)
class Conversation:
    """One example with its voices in order."""

    id: bytes
    title: str
    voices: Sequence[Voice]


def count_examples(group_id: bytes) -> int:
    """How many a group has."""
    found = row(select(func.count()).select_from(Example).where(Example.group_id == group_id))
    return int(found[0]) if found else 0


def list_examples(group_id: bytes) -> list[Conversation]:
    """All of a group's examples, for anybody who may see its card."""
    found = rows(select(Example.id, Example.title).where(Example.group_id == group_id).order_by(Example.ord))
    said = _voices([e.id for e in found])
    return [Conversation(e.id, e.title, [_voice(v) for v in said if v.example_id == e.id]) for e in found]


def get_example(actor: Actor, group_id: bytes, example_id: bytes) -> Conversation:
    """One of them, to change it.

    :raises NotFound: not a facilitator here, or it is not of this group.
    """
    require(may_facilitate, actor, group_id)
    found = row(select(Example.id, Example.title).where(Example.id == example_id, Example.group_id == group_id))
    if found is None:
        raise NotFound(str(Denial.NOT_A_MEMBER.value))
    return Conversation(found.id, found.title, [_voice(v) for v in _voices([found.id])])


def _voices(example_ids: list[bytes]) -> Sequence[Row]:
    return rows(
        select(ExamplePost.example_id, ExamplePost.name, ExamplePost.body, ExamplePost.html)
        .where(ExamplePost.example_id.in_(example_ids))
        .order_by(ExamplePost.ord)
    )


def _voice(found: Row) -> Voice:
    return Voice(found.name, found.body, found.html)


def save_example(actor: Actor, scope: Scope, example_id: bytes | None, title: str, voices: Sequence[Voice]) -> bytes:
    """Keep an example: a new one at the end, or another text for one that is there.

    :param voices: those without a name and without words are left out.
    :raises Invalid: with the field. :raises NotAllowed: there are MOST_EXAMPLES. :raises NotFound: not theirs to change.
    """
    require(may_facilitate, actor, scope.group_id)
    clean, ready = _title(title), prepare_voices(voices)
    _check_names(scope.group_id, voices)
    check_rules(scope.group_id, ready)
    with transaction():
        require(may_facilitate, actor_in(actor, scope), scope.group_id)
        if example_id is None:
            return add_example(scope.group_id, clean, ready)
        changed = update(Example).where(Example.id == example_id, Example.group_id == scope.group_id)
        if here().execute(changed.values(title=clean).returning(Example.id)).first() is None:
            raise NotFound(str(Denial.NOT_A_MEMBER.value))
        here().execute(delete(ExamplePost).where(ExamplePost.example_id == example_id))
        _add_voices(example_id, ready)
        return example_id


def add_example(group_id: bytes, title: str, voices: Sequence[Voice]) -> bytes:
    """Step: write a new example after those that are there.

    :param voices: as `prepare_voices` gives them.
    """
    if count_examples(group_id) >= MOST_EXAMPLES:
        raise NotAllowed(_("There are %(n)s examples already. Take one away first.", n=MOST_EXAMPLES))
    last = here().execute(select(func.max(Example.ord)).where(Example.group_id == group_id)).scalar()
    example_id = new_ident()
    values = {"ord": 0 if last is None else last + 1, "title": title}
    here().execute(insert(Example).values(id=example_id, group_id=group_id, **values))
    _add_voices(example_id, voices)
    return example_id


def _add_voices(example_id: bytes, voices: Sequence[Voice]) -> None:
    for n, voice in enumerate(voices):
        values = {"name": voice.name, "body": voice.body, "html": voice.html}
        here().execute(insert(ExamplePost).values(example_id=example_id, ord=n, **values))


def prepare_voices(voices: Sequence[Voice]) -> list[Voice]:
    """Check and render what is said, by the rules of every post. Call it before a transaction.

    :raises Invalid: with the field, counted from 1 as the form does.
    """
    said = [_prepared(n, voice) for n, voice in enumerate(voices, 1) if voice.name.strip() or voice.body.strip()]
    if not LEAST_VOICES <= len(said) <= MOST_VOICES:
        message = _("Let %(least)s to %(most)s people speak.", least=LEAST_VOICES, most=MOST_VOICES)
        raise Invalid(message, "name-1")
    return said


def _prepared(n: int, voice: Voice) -> Voice:
    name = " ".join(normalise(voice.name[: 4 * MOST_NAME]).split())
    if not 1 <= len(name) <= MOST_NAME:
        raise Invalid(_("Make up a name of at most %(n)s letters.", n=MOST_NAME), f"name-{n}")
    if len(voice.body) > MOST_LETTERS:
        raise Invalid(_("Make it shorter, please: at most %(n)s letters.", n=MOST_LETTERS), f"words-{n}")
    try:
        ready = text.prepare(voice.body)
    except Invalid as error:
        raise Invalid(error.message, f"words-{n}") from error
    return replace(voice, name=name, body=ready.body, html=ready.html)


def check_rules(group_id: bytes, voices: Sequence[Voice]) -> None:
    """Nobody speaks in an example as nobody may speak here: newcomers take it for how things are. May wait.

    :raises Invalid: a link where nobody posts links; names the rule.
    """
    agreed = terms.of_group(group_id)
    for n, voice in enumerate(voices, 1):
        findings = render_pool.run(gate.screen, voice.body, frozenset())
        if "links" in gate.decide(findings, Situation(group_id, terms=agreed)).refused:
            what = _("Nobody posts links here. Please leave the link out.")
            raise Invalid(f"{what} {agreed.cite('links')}", f"words-{n}")


def _check_names(group_id: bytes, voices: Sequence[Voice]) -> None:
    """A made-up voice must not be taken for somebody who is here."""
    wanted = {names.skeleton(v.name): n for n, v in enumerate(voices, 1) if v.name.strip()}
    for taken in queries.taken_skeletons(group_id, set(wanted)):
        raise Invalid(_("Someone in your group has a name like that. Make up another."), f"name-{wanted[taken]}")


def _title(typed: str) -> str:
    clean = " ".join(normalise(typed[: 4 * MOST_TITLE]).split())
    if not 1 <= len(clean) <= MOST_TITLE:
        raise Invalid(_("Give it a short title, at most %(n)s letters.", n=MOST_TITLE), "title")
    return clean


def move_up(actor: Actor, scope: Scope, example_id: bytes) -> None:
    """Show an example one place earlier; the first one stays where it is.

    :raises NotFound: not theirs to change.
    """
    require(may_facilitate, actor, scope.group_id)
    with transaction():
        order = list(
            here().execute(select(Example.id).where(Example.group_id == scope.group_id).order_by(Example.ord)).scalars()
        )
        if example_id not in order:
            raise NotFound(str(Denial.NOT_A_MEMBER.value))
        place = order.index(example_id)
        order.insert(max(0, place - 1), order.pop(place))
        for n, ident in enumerate(order):
            here().execute(update(Example).where(Example.id == ident).values(ord=n))


def remove_example(actor: Actor, scope: Scope, example_id: bytes) -> None:
    """Take an example away for good.

    :raises NotFound: not theirs to change.
    """
    get_example(actor, scope.group_id, example_id)
    with transaction():
        here().execute(delete(ExamplePost).where(ExamplePost.example_id == example_id))
        here().execute(delete(Example).where(Example.id == example_id, Example.group_id == scope.group_id))
