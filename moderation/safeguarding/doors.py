"""The doors: "I need help" and "I'm worried about someone", and a facilitator's own short form.

Open to everybody, at any hour, whatever they agreed to and whatever holds their posts. Whoever worries about somebody is
told the same whatever is found: a worry can be a way to search for a person. Where nobody can be called yet, the words go
the way they went before, and the page says so.
"""

from dataclasses import dataclass, replace

from sqlalchemy import select

from forum.base import clock
from forum.base.characters import normalise
from forum.base.db import row
from forum.base.errors import Invalid
from forum.base.keyring import Scope
from forum.base.transaction import retrying, transaction
from forum.base.words import _
from forum.conversations import team
from forum.conversations.prepare import Words
from forum.models import Group
from forum.policy import waiting_word
from forum.policy.actor import Actor, Membership
from forum.policy.help_door import Talk, Way
from forum.policy.members import list_scopes, writer_in
from forum.policy.permissions import may_facilitate, require
from moderation import not_for, outsiders
from moderation.report_targets import Told, named_in
from moderation.safeguarding import arming, cases, chronology, concerns, here, places, queries, talk
from moderation.safeguarding.cases import NO_GROUP
from moderation.safeguarding.concerns import Raise
from moderation.safeguarding.models import EventKind, Kind, Level, Origin, State

#: Four pages; whoever reads it knows nothing yet. Saying nothing at all is fine as well.
MOST_WORDS, MOST_NAME = 5_000, 200


@dataclass(frozen=True)
class Worry:
    """What somebody says in the form about another person.

    :param who: a name, or where they saw them. :param involved: personas of the team that the form names.
    :param do_not_write: a message could put the person at risk. :param level: from a facilitator's form alone.
    """

    who: str = ""
    words: str = ""
    kind: Kind = Kind.ADULT
    involved: frozenset[bytes] = frozenset()
    do_not_write: bool = False
    level: Level = Level.UNASSESSED


@dataclass(frozen=True)
class Done:
    """What became of it, as far as whoever told may know.

    :param called: somebody is called. :param sentence: who is here now, or who is called.
    :param talk_id: where a person who asked for help goes on. :param secret: the same for somebody who is not signed in.
    :param line_id: their line to the team, where nobody can be called yet. :param told: an address that outsiders keep.
    """

    called: bool
    sentence: str = ""
    talk_id: bytes | None = None
    secret: str = ""
    line_id: bytes | None = None
    told: str = ""


class Door:
    """The forum's port for its page of help, filled."""

    def list_talks(self, membership: Membership) -> tuple[Talk, ...]:
        """Talks in which there is something to read, or that the person began; one that nobody wrote in is not shown."""
        found = talk.list_own([membership])
        if not any(talk.has_news(one) for one in found):
            _say_nothing_new(membership)
        return tuple(Talk(one.id, talk.has_news(one)) for one in found if talk.is_begun(one))

    def list_ways(self, actor: Actor, address: str) -> tuple[Way, ...]:
        """The groups that this person writes to the team of, with who is here now."""
        scopes = list_scopes(actor.account_id) if actor.account_id else []
        found = [_way(scope) for scope in scopes if writer_in(actor, scope).writer_in(scope.group_id)]
        return tuple(one for one in found if not address or one.address == address)


def _say_nothing_new(membership: Membership) -> None:
    """A talk can go with its record, or be put to another one: then home has nothing to tell any more."""
    if waiting_word.waits(membership.scope, membership.persona_id):
        with transaction():
            waiting_word.drop(membership.scope, membership.persona_id)


def _way(scope: Scope) -> Way:
    card = row(select(Group.address, Group.name).where(Group.id == scope.group_id))
    assert card is not None
    return Way(card.address, card.name, here.sentence(scope, clock.now()), arming.is_armed(scope.organisation_id))


# --- I need help -----------------------------------------------------------------------------------------------------


def need_help(actor: Actor, scope: Scope, once: str, lang: str) -> Done:
    """Somebody of a group asks for help with one tap. The same form sent twice is one concern.

    :param actor: from `writer_in` of this group: a member, who waits to be let in, or whom the team keeps out for weeks.
    :param once: of the form. :param lang: of the page they read.
    """
    me = actor.writer_in(scope.group_id)
    assert me is not None
    if not arming.is_armed(scope.organisation_id):
        words = Words(_("I need help. Please write to me as soon as somebody is here."), lang)
        return Done(False, here.sentence(scope, clock.now()), line_id=_write_to_team(actor, scope, words, once))
    talk_id = _raise_for_self(scope, me, once)
    return Done(True, here.sentence(scope, clock.now()), talk_id=talk_id)


def _write_to_team(actor: Actor, scope: Scope, words: Words, once: str) -> bytes:
    return bytes(team.write_to_team(actor, scope, words, once).conversation_id)


@retrying
def _raise_for_self(scope: Scope, me: Membership, once: str) -> bytes:
    """While people are being called already, a second tap is a second line in that record, and no second call."""
    raised_by_them = Raise(
        scope,
        Kind.ADULT,
        Origin.SELF,
        _once(once, me.persona_id),
        subject_kind="persona",
        subject_id=me.persona_id,
        raiser_kind="persona",
        raiser_id=me.persona_id,
    )
    with transaction():
        for case in queries.list_open_about(scope, [me.persona_id]):
            if case.origin is Origin.SELF and case.state is State.RAISED:
                chronology.note(cases.lock(case.id), EventKind.TOLD_MORE, None, codes={"origin": Origin.SELF})
                return talk.open_for(case, me.persona_id)
        raised = concerns.raise_here(raised_by_them)
        return talk.open_for(_case(raised.concern_id), me.persona_id)


@retrying
def need_help_outside(organisation_id: bytes, once: str) -> Done:
    """Somebody who is not signed in, or in no group, asks for help: the organisation's people are called.

    :raises Invalid: nobody can be called there.
    """
    scope = Scope(organisation_id, NO_GROUP)
    with transaction():
        raised = concerns.raise_here(Raise(scope, Kind.ADULT, Origin.VISITOR, _once(once), subject_kind="nobody"))
        said = here.of_organisation(organisation_id, clock.now())
        return Done(True, said, secret=talk.open_with_secret(_case(raised.concern_id)))


def _case(concern_id: bytes) -> cases.Case:
    found = cases.find(concern_id)
    assert found is not None
    return found


def _once(form: str, who: bytes = b"") -> bytes:
    """What a form is known by; another person's form never meets it."""
    return form.encode() + b"|" + who


# --- I'm worried about someone ---------------------------------------------------------------------------------------


def worry_in_group(actor: Actor, scope: Scope, worry: Worry, once: str, lang: str) -> Done:
    """Somebody of a group is worried about somebody. :raises Invalid: too long."""
    me, clean = actor.writer_in(scope.group_id), _clean(worry)
    assert me is not None
    if not arming.is_armed(scope.organisation_id):
        words = Words(_plain(clean), lang)
        return Done(False, here.sentence(scope, clock.now()), line_id=_write_to_team(actor, scope, words, once))
    by = {"raiser_kind": "persona", "raiser_id": me.persona_id}
    raised = _raise(scope, clean, Origin.MEMBER, _once(once, me.persona_id), **by)
    concerns.raise_concern(raised)
    return Done(True, _after(raised))


def _after(raised: Raise) -> str:
    return here.after(raised.scope, clock.now(), concerns.told_of(raised))


def worry_about_author(actor: Actor, told: Told, words: str, once: str) -> Done:
    """Somebody is worried about whoever wrote a post, whatever name stands on it.

    :param told: from `moderation.report_targets.of_author`. :raises Invalid: too long.
    """
    clean = _clean(Worry(words=words))
    me = writer_in(actor, told.scope).writer_in(told.scope.group_id)
    assert me is not None
    masked = told.about not in told.names
    team = not_for.team_of(told.scope)
    named = frozenset(named_in(told.scope, clean.words) & team)
    raised = Raise(
        told.scope,
        Kind.ADULT,
        Origin.MEMBER,
        _once(once, me.persona_id),
        subject_kind="mask" if masked else "persona",
        subject_id=told.about,
        said=clean.words,
        raiser_kind="persona",
        raiser_id=me.persona_id,
        involved=frozenset(told.names & team) | named,
        copies=(told.copy,),
    )
    concerns.raise_concern(raised)
    return Done(True, _after(replace(raised, involved=named) if masked else raised))


def worry_outside(key: str, worry: Worry, once: str) -> Done:
    """Somebody in none of the groups is worried about somebody.

    :param key: of one of `places.list_places`, or "" if they do not know. :raises Invalid: too long, or no words.
    """
    clean, scopes = _clean(worry), places.scopes_of(key)
    if not scopes:
        return Done(False, told=outsiders.tell("", _plain(clean)))
    every = [_raise(scope, clean, Origin.VISITOR, _once(once, scope.organisation_id)) for scope in scopes]
    for raised in every:
        concerns.raise_concern(raised)
    return Done(True, here.after(every[0].scope, clock.now(), concerns.told_of(every[0]), outside=True))


def _raise(scope: Scope, worry: Worry, origin: Origin, once: bytes, **by: object) -> Raise:
    """What the form says, with whom it is about if the name is exactly one person's here."""
    in_group = scope.group_id != NO_GROUP
    found = named_in(scope, worry.who) if in_group and worry.who else set()
    about = next(iter(found)) if len(found) == 1 else b""
    named = named_in(scope, f"{worry.who}\n{worry.words}") & not_for.team_of(scope) if in_group else set()
    return Raise(
        scope,
        worry.kind,
        origin,
        once,
        subject_kind="persona" if about else "named" if worry.who else "nobody",
        subject_id=about,
        said=_plain(worry),
        involved=frozenset(named | worry.involved),
        do_not_write=worry.do_not_write,
        level=worry.level,
        **by,  # type: ignore[arg-type]
    )


def _clean(worry: Worry) -> Worry:
    who, words = " ".join(normalise(worry.who).split()), normalise(worry.words).strip()
    if len(who) > MOST_NAME:
        raise Invalid(_("Say who in a few words, please: at most %(n)s characters.", n=MOST_NAME), "title")
    if len(words) > MOST_WORDS:
        raise Invalid(_("That is too long. Please say it in %(most)s characters.", most=MOST_WORDS), "body")
    return Worry(who, words, worry.kind, worry.involved, worry.do_not_write, worry.level)


def _plain(worry: Worry) -> str:
    """One text of both fields; never empty, so that it can go the way of other words."""
    both = [_("About: %(who)s", who=worry.who)] if worry.who else []
    return "\n\n".join([*both, worry.words or _("I am worried about somebody.")])


# --- A facilitator's form --------------------------------------------------------------------------------------------


def require_facilitator(actor: Actor, scope: Scope) -> None:
    """:raises NotFound, NotAllowed: no facilitator of this group."""
    require(may_facilitate, actor, scope.group_id)


def raise_as_facilitator(actor: Actor, scope: Scope, worry: Worry, once: str, lang: str) -> tuple[Done, bytes | None]:
    """Keep what a facilitator saw, at once; gives the concern too, if their organisation's people are called.

    :raises NotFound, NotAllowed: no facilitator of this group. :raises Invalid: too long.
    """
    require_facilitator(actor, scope)
    me = actor.membership_in(scope.group_id)
    assert me is not None
    if not arming.is_armed(scope.organisation_id):
        return worry_in_group(actor, scope, worry, once, lang), None
    by = {"raiser_kind": "persona", "raiser_id": me.persona_id}
    said = _raise(scope, _clean(worry), Origin.FACILITATOR, _once(once, me.persona_id), **by)
    raised = concerns.raise_concern(said)
    return Done(True, _after(said)), bytes(raised.concern_id)
