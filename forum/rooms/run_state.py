"""What goes on in a meeting, as one member's page shows it: the step, who has the floor, what they can do now.

Nothing here tells who is there: a name stands only where its owner raised a hand or showed a card.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from forum.base import clock
from forum.base.words import lazy
from forum.conversations import drafts
from forum.ground_rules import queries as rules_queries
from forum.groups import brakes
from forum.policy.actor import Actor
from forum.rooms import cards, desk, hands, quiet_writing, run, seats, struggling
from forum.rooms import here as being
from forum.rooms.hands import HandSeen
from forum.rooms.queries import MeetingSeen
from forum.rooms.run import Step

WORDS = {
    Step.SETTLING_IN: (lazy("Settling in"), lazy("People come in. Say hello if you like, or just look around.")),
    Step.OPENING_ROUND: (lazy("Opening round"), lazy("Everyone can say a line. “Pass” is a good answer, too.")),
    Step.DISCUSSION: (lazy("Talking together"), lazy("Write what you like. Listening is taking part.")),
    Step.TURNS: (lazy("Turns"), lazy("Each has the floor for a while. Raise your hand if you want a turn.")),
    Step.BREAK: (lazy("Break"), lazy("Time for tea. You can go and come back.")),
    Step.CLOSING_ROUND: (lazy("Closing round"), lazy("A last line from everyone who wants to.")),
    Step.WIND_DOWN: (lazy("Winding down"), lazy("The meeting is over. Say goodbye in your own time.")),
}


@dataclass(frozen=True)
class StateSeen:
    """What `_state.html` shows.

    :param no: of the meeting's changes. :param title: of the step, with `said` about it; "" while people simply talk.
    :param minutes: that the step still has; None: no end is set. :param is_over: its time is over.
    :param ends_in: minutes to the end of the meeting, in its last ten. :param floor: who has it. :param waiting: next first.
    :param own: the reader's own hand. :param prepared: words they got ready for their turn.
    :param hands_used: whether one can raise a hand. :param clause: the ground rule that stands there now.
    :param asked: to those who look after it, how many wait for a person. :param own_asking: the reader asked for
        one themselves.
    :param braked: what people read of a brake that is on; nothing where none is.
    """

    no: int
    step: str
    title: str
    said: str
    minutes: int | None
    is_over: bool
    ends_in: int | None
    prompt: str
    quiet_minutes: int | None
    floor: HandSeen | None
    floor_minutes: int | None
    waiting: Sequence[HandSeen]
    own: HandSeen | None
    prepared: str
    hands_used: bool
    cards: Sequence[tuple[str, str]]
    own_card: str
    every_card: Sequence[tuple[str, str]]
    clause: tuple[int, str] | None
    seated: bool
    short: bool
    asked: int
    own_asking: struggling.Own | None
    braked: Sequence[str]


def of(actor: Actor, meeting: MeetingSeen) -> StateSeen:
    """What goes on, for somebody who is in. :param actor: a member of the group."""
    at, now = clock.now(), run.read_now(meeting.step, meeting.step_until)
    here_now = being.find(actor, meeting.id)
    face_id = being.find_face(here_now)
    up = hands.list_open(meeting)
    floor = next((one for one in up if one.has_floor), None)
    own = next((one for one in up if one.face_id == face_id), None)
    title, said = WORDS[now.step] if now.step else ("", "")
    near = meeting.is_live and run.is_near_end(meeting.ends_at, at)
    return StateSeen(
        no=meeting.state_no,
        step=now.step or "",
        title=str(title),
        said=str(said),
        minutes=run.minutes_left(now.until, at),
        is_over=run.is_over(now, at),
        ends_in=run.minutes_left(meeting.ends_at, at) if near else None,
        prompt=meeting.prompt,
        quiet_minutes=run.minutes_left(quiet_writing.until(meeting), at),
        floor=floor,
        floor_minutes=_left(floor, at),
        waiting=[one for one in up if not one.has_floor],
        own=own,
        prepared=_prepared(actor, meeting) if own else "",
        hands_used=hands.are_used(meeting),
        cards=cards.list_shown(meeting),
        own_card=cards.find_own(meeting.id, face_id),
        every_card=[(code, str(words)) for code, words in cards.CARDS.items()],
        clause=find_clause(meeting),
        seated=here_now.duty is not None,
        short=seats.is_short(meeting, seats.list_here(meeting.id)),
        asked=len(desk.list_signals(here_now)) if here_now.duty is not None else 0,
        own_asking=struggling.find_mine(meeting, here_now.me.persona_id, struggling.STRUGGLING),
        braked=brakes.sentences(meeting.brake, meeting.zone),
    )


def _left(floor: HandSeen | None, at: datetime) -> int | None:
    return run.minutes_left(floor.until, at) if floor else None


def _prepared(actor: Actor, meeting: MeetingSeen) -> str:
    kept = drafts.find_draft(actor, meeting.scope.group_id, meeting.id)
    return kept.body if kept else ""


def find_clause(meeting: MeetingSeen) -> tuple[int, str] | None:
    """The ground rule that a facilitator put up, as it is in force: its number and its heading."""
    found = rules_queries.find_rules(meeting.scope.group_id) if meeting.clause_uid else None
    clauses = enumerate(found.clauses, start=1) if found else ()
    return next(((n, one.heading) for n, one in clauses if one.uid == meeting.clause_uid), None)
