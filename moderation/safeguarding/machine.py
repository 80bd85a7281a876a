"""The ways of a concern from its first word to its end, as one table.

What the program allows, the diagram in docs/safeguarding-leads.md and the walk through every state in the tests all come
from TABLE. What a form must say besides (`needs`) is checked where the form is read, in `transitions`.
"""

import enum
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace

from moderation.safeguarding.models import Kind, Level, State, Timer

S = State
#: Somebody has it.
OWNED = (S.ACKNOWLEDGED, S.TRIAGED, S.SUPPORTING, S.EMERGENCY, S.REFERRED, S.MONITORING, S.CLOSE_PROPOSED)
OPEN = (S.RAISED, *OWNED)
#: From the mildest to the most urgent. Unassessed counts as high.
SERIOUS = {Level.LOW: 0, Level.MEDIUM: 1, Level.UNASSESSED: 2, Level.HIGH: 2, Level.IMMEDIATE: 3}
HIGH_OR_MORE = frozenset({Level.HIGH, Level.IMMEDIATE})


class Who(enum.StrEnum):
    """Who may do it. Whoever the concern must not reach is none of these."""

    ANYONE = "anyone"  #: members, the person, somebody who is not signed in
    ENGINE = "engine"  #: the program, when something falls due
    RESPONDER_OR_BODY = "responder_or_outside_body"  #: or, once it was called, whoever only confirms
    RESPONDER = "responder"  #: any facilitator of the group, lead, deputy or independent contact
    OWNER = "owner"  #: whoever has it now
    OFFERED = "offered"  #: the one to whom it was offered
    OFFICER = "officer"  #: lead, deputy or independent contact; any responder if it is immediate
    CLOSER = "closer"  #: whoever may confirm that it is closed
    CLOSER_OR_OWNER = "closer_or_owner"


class Hold(enum.StrEnum):
    """Who has it afterwards."""

    SAME = "same"
    ACTOR = "actor"
    ACTOR_IF_NONE = "actor_if_none"
    NOBODY = "nobody"


@dataclass(frozen=True)
class Person:
    """Whoever acts, as the guards see them. :param ids: every responder id of this person, whichever hat they wear."""

    id: bytes
    ids: frozenset[bytes]
    may_own: bool = True
    is_tier: bool = False


@dataclass(frozen=True)
class Facts:
    """A concern as the guards see it. :param excluded: the responder ids that it must not reach."""

    state: State
    level: Level = Level.UNASSESSED
    kind: Kind = Kind.ADULT
    owner_id: bytes | None = None
    offered_to: bytes | None = None
    proposed_by: bytes | None = None
    ever_high: bool = False
    identity_opened: bool = False
    gen: int = 1
    excluded: frozenset[bytes] = frozenset()
    body_called: bool = False  #: T21: the outside body is being called

    @property
    def needs_two(self) -> bool:
        """Whether a second person must agree before it is closed."""
        return self.ever_high or self.identity_opened or self.kind in (Kind.CHILD, Kind.STAFF, Kind.DEATH)


@dataclass(frozen=True)
class Transition:
    """One row.

    :param sources: empty: it begins there. :param target: None: the state stays. :param arms: clocks that start anew.
    :param needs: what must be said besides, in words for the table in the documentation. :param leaves_officer: nobody
        takes it alone from every officer but themselves; see `leaves_enough`.
    """

    id: str
    name: str
    sources: tuple[State, ...]
    target: State | None
    who: Who
    arms: tuple[Timer, ...] = ()
    hold: Hold = Hold.SAME
    new_gen: bool = False
    needs: str = ""
    leaves_officer: bool = False


_T = Timer
_WORKING = (_T.LAPSE, _T.REVIEW)

TABLE: tuple[Transition, ...] = (
    Transition("T1", "raise", (), S.RAISED, Who.ANYONE, (_T.PAGE,), needs="a form that was not sent before"),
    Transition("T2", "page", (S.RAISED,), None, Who.ENGINE, (_T.PAGE,), needs="the next step is due"),
    Transition(
        "T3", "acknowledge", (S.RAISED,), S.ACKNOWLEDGED, Who.RESPONDER,
        (_T.LAPSE, _T.TRIAGE, _T.SPOKEN), Hold.ACTOR, needs="nobody was quicker",
    ),
    Transition(
        "T4", "lapse", OWNED, S.RAISED, Who.ENGINE, (_T.PAGE,), Hold.NOBODY, new_gen=True,
        needs="no act was written down in time",
    ),
    Transition(
        "T5", "triage", (S.ACKNOWLEDGED,), S.TRIAGED, Who.OWNER, _WORKING,
        needs="the level, why, what the person wants or why nobody asked, whether the raiser could be the danger",
    ),
    Transition("T6", "raise_level", OPEN, None, Who.RESPONDER, needs="a higher level"),
    Transition(
        "T7", "lower_level", OPEN, None, Who.RESPONDER, needs="from high or immediate a second responder agrees"
    ),
    Transition(
        "T8", "emergency", OPEN, S.EMERGENCY, Who.RESPONDER,
        (*_WORKING, _T.EMERGENCY_RECORD), Hold.ACTOR_IF_NONE, needs="nothing: no form stands in the way",
    ),
    Transition(
        "T9", "refer", (S.TRIAGED, S.SUPPORTING, S.EMERGENCY, S.MONITORING), S.REFERRED, Who.OFFICER,
        (_T.FOLLOW_UP, _T.REVIEW), needs="to whom, the lawful basis, consent or why not, the law's questions",
    ),
    Transition(
        "T10", "plan", (S.TRIAGED, S.EMERGENCY, S.REFERRED, S.MONITORING), S.SUPPORTING, Who.OWNER, _WORKING,
        needs="what was agreed with the person, and the next contact",
    ),
    Transition(
        "T11", "monitor", (S.TRIAGED, S.SUPPORTING, S.REFERRED), S.MONITORING, Who.OWNER,
        (_T.FOLLOW_UP, _T.REVIEW), needs="a date within 30 days",
    ),
    Transition("T12", "offer", OWNED, None, Who.OWNER, (_T.OFFER,), needs="one named person, and a briefing"),
    Transition("T13", "accept", OWNED, None, Who.OFFERED, (_T.LAPSE,), Hold.ACTOR),
    Transition(
        "T14", "recuse", OWNED, S.RAISED, Who.RESPONDER_OR_BODY, (_T.PAGE,), Hold.NOBODY, new_gen=True,
        needs="whoever has it is named in it. For another responder only the sight of it ends. Another officer is left, or "
        "it is about oneself, or the outside body says so",
        leaves_officer=True,
    ),
    Transition(
        "T15", "propose_close", (S.TRIAGED, S.SUPPORTING, S.EMERGENCY, S.REFERRED, S.MONITORING), S.CLOSE_PROPOSED,
        Who.OWNER, (_T.CONFIRM,), needs="what came of it, that help was offered, and each answer about whom it was passed on to",
    ),
    Transition(
        "T16", "confirm_close", (S.CLOSE_PROPOSED,), S.CLOSED, Who.CLOSER,
        needs="a different officer or the confirmer, if it was ever serious",
    ),
    Transition("T17", "reject_close", (S.CLOSE_PROPOSED,), S.TRIAGED, Who.CLOSER_OR_OWNER, _WORKING, needs="why"),
    Transition(
        "T18", "reopen", (S.CLOSED,), S.RAISED, Who.RESPONDER, (_T.PAGE,), Hold.NOBODY, new_gen=True,
        needs="what is new; it counts as high until somebody looked",
    ),
    Transition(
        "T19", "merge", (S.RAISED, S.ACKNOWLEDGED), S.MERGED, Who.RESPONDER, hold=Hold.NOBODY,
        needs="both are about the same person, and both are yours to see",
    ),
    Transition("T20", "wishes_no_action", tuple(State), None, Who.ANYONE, needs="the person says so; nothing ends by it"),
    Transition(
        "T21", "nobody_left", OPEN, None, Who.ENGINE, (_T.NOBODY_LEFT,),
        needs="nobody would be left to hold or to close it, or no other officer. The outside body is called. An admin "
        "names an interim lead, and that body agrees",
    ),
)  # fmt: skip
BY_NAME = {one.name: one for one in TABLE}

#: What must run in a state: so no open concern is ever without a clock.
MUST: dict[State, tuple[Timer, ...]] = {
    S.RAISED: (_T.PAGE,),
    S.ACKNOWLEDGED: (_T.LAPSE,),
    S.TRIAGED: (_T.LAPSE,),
    S.SUPPORTING: (_T.LAPSE,),
    S.EMERGENCY: (_T.LAPSE,),
    S.REFERRED: (_T.FOLLOW_UP,),
    S.MONITORING: (_T.FOLLOW_UP,),
    S.CLOSE_PROPOSED: (_T.CONFIRM,),
    S.CLOSED: (),
    S.MERGED: (),
}
#: What may run besides. A clock that is in neither stops when the state is entered.
_ALWAYS = (_T.SIGHT, _T.EMERGENCY_RECORD, _T.WATCH, _T.NOBODY_LEFT)
MAY: dict[State, tuple[Timer, ...]] = {
    S.RAISED: _ALWAYS,
    S.ACKNOWLEDGED: (_T.TRIAGE, _T.SPOKEN, _T.OFFER, *_ALWAYS),
    S.TRIAGED: (_T.SPOKEN, _T.REVIEW, _T.OFFER, *_ALWAYS),
    S.SUPPORTING: (_T.SPOKEN, _T.REVIEW, _T.OFFER, *_ALWAYS),
    S.EMERGENCY: (_T.SPOKEN, _T.REVIEW, _T.OFFER, *_ALWAYS),
    S.REFERRED: (_T.SPOKEN, _T.REVIEW, _T.OFFER, *_ALWAYS),
    S.MONITORING: (_T.SPOKEN, _T.REVIEW, _T.OFFER, *_ALWAYS),
    S.CLOSE_PROPOSED: (_T.OFFER, *_ALWAYS),
    S.CLOSED: (),
    S.MERGED: (),
}


def _is_responder(facts: Facts, who: Person) -> bool:
    return who.may_own


def _is_owner(facts: Facts, who: Person) -> bool:
    return who.may_own and facts.owner_id in who.ids


def _is_offered(facts: Facts, who: Person) -> bool:
    return who.may_own and facts.offered_to in who.ids


def _is_officer(facts: Facts, who: Person) -> bool:
    return who.may_own and (who.is_tier or facts.level is Level.IMMEDIATE)


def _may_close(facts: Facts, who: Person) -> bool:
    """Two distinct people, if it was ever serious; else whoever has it, or an officer."""
    if not facts.needs_two:
        return facts.owner_id in who.ids or who.is_tier
    return who.is_tier and facts.proposed_by not in who.ids and facts.owner_id not in who.ids


GUARDS: dict[Who, Callable[[Facts, Person], bool]] = {
    Who.RESPONDER_OR_BODY: lambda facts, who: who.may_own or (who.is_tier and facts.body_called),
    Who.RESPONDER: _is_responder,
    Who.OWNER: _is_owner,
    Who.OFFERED: _is_offered,
    Who.OFFICER: _is_officer,
    Who.CLOSER: _may_close,
    Who.CLOSER_OR_OWNER: lambda facts, who: _may_close(facts, who) or _is_owner(facts, who),
}


def may(way: Transition, facts: Facts, who: Person) -> bool:
    """Whether this person can go this way now. The program and anyone go theirs without asking here."""
    guard = GUARDS.get(way.who)
    if guard is None or facts.state not in way.sources or not who.ids.isdisjoint(facts.excluded):
        return False
    return guard(facts, who)


def allowed(facts: Facts, who: Person) -> list[Transition]:
    """Every way that this person can go now, in the order of the table."""
    return [way for way in TABLE if may(way, facts, who)]


def can_end(eligible: Collection[Person]) -> bool:
    """Whether these people could hold a concern and close it, two of them if need be: else somebody must be appointed."""
    closers = [one for one in eligible if one.is_tier]
    return any(owner.may_own and closer.ids.isdisjoint(owner.ids) for owner in eligible for closer in closers)


def leaves_enough(way: Transition, who: Person, whom: Collection[bytes], left: Collection[Person]) -> bool:
    """Whether this person may say alone that another one must not see it: not if it left no officer but themselves, who
    could then do with it what they like.

    Whoever steps back may always do so, and the outside body decides where nobody else can.
    :param whom: every id of the one who must not see it. :param left: whoever may still see it then.
    """
    if not way.leaves_officer or not who.may_own or not who.ids.isdisjoint(whom):
        return True
    return any(one.is_tier and one.may_own and one.ids.isdisjoint(who.ids) for one in left)


def after(way: Transition, facts: Facts, who: Person | None = None) -> Facts:
    """The concern once somebody went this way. :param who: None: the program."""
    owner = {
        Hold.SAME: facts.owner_id,
        Hold.NOBODY: None,
        Hold.ACTOR: who.id if who else None,
        Hold.ACTOR_IF_NONE: facts.owner_id or (who.id if who else None),
    }[way.hold]
    target = way.target or facts.state
    moved = owner != facts.owner_id
    return replace(
        facts,
        state=target,
        owner_id=owner,
        offered_to=None if moved or target not in OWNED else facts.offered_to,
        proposed_by=facts.proposed_by if target in (S.CLOSE_PROPOSED, S.CLOSED) else None,
        gen=facts.gen + way.new_gen,
    )


def stopping(clocks: Collection[Timer], state: State) -> set[Timer]:
    """Those of the running clocks that a state ends."""
    return set(clocks) - {*MUST[state], *MAY[state]}


# --- For people: the same table as the documentation shows it. ---

_BEGIN = "(nothing)"


def diagram() -> str:
    """Every state with its ways out, a line each."""
    lines = []
    for state in (None, *State):
        ways = [w for w in TABLE if (w.target is not None) and (state in w.sources if state else not w.sources)]
        ways = [w for w in ways if w.target is not state]
        lines += [f"{state or _BEGIN} --{w.name} ({w.id}, {w.who})--> {w.target}" for w in ways]
    return "\n".join(lines)


def as_table() -> str:
    """The rows as a table in Markdown."""
    head = "| # | what | from | to | who | what it needs | clocks that start |\n|---|---|---|---|---|---|---|"
    return "\n".join([head, *map(_row, TABLE)])


def _row(way: Transition) -> str:
    sources = ", ".join(way.sources) if way.sources else _BEGIN
    if way.sources in (OPEN, OWNED, tuple(State)):
        sources = {OPEN: "any open", OWNED: "any that somebody has", tuple(State): "any"}[way.sources]
    clocks = ", ".join(way.arms) or "none"
    who = "closer, or owner" if way.who is Who.CLOSER_OR_OWNER else way.who
    cells = (way.id, way.name, sources, way.target or "the same", who, way.needs or "nothing", clocks)
    return "| " + " | ".join(str(cell).replace("_", " ") for cell in cells) + " |"
