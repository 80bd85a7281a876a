"""The demonstration world: made-up groups that show every screen with something on it.

Only reading and checking; the words are in demo/*.toml and the rows are written elsewhere. The checks are strict
because this is what a hesitant organisation sees first, and because nobody real may ever appear in it.
"""

import re
from collections import defaultdict
from dataclasses import dataclass
from datetime import time
from pathlib import Path
from zoneinfo import ZoneInfo

from forum.content.crisis import NATIONS
from forum.content.notes import STARTERS
from forum.content.reading import Entry, read_entry

SHIPPED = Path(__file__).with_name("demo")
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
ROLES = ("member", "facilitator", "moderator")
#: What a post's author may ask its readers for.
MARKS = ("experience", "listening")
STATES = ("visible", "held", "withdrawn")
USUAL_MINUTES_TO_A_REPLY = 95
MOST_HOURS_AGO = 24 * 60


@dataclass(frozen=True)
class DemoOrganisation:
    """A made-up organisation; every group belongs to one."""

    uid: str
    name: str
    nation: str  #: one of forum.content.crisis.NATIONS
    about: str


@dataclass(frozen=True)
class DemoCard:
    """What a visitor reads before joining, benefits first."""

    benefits: str
    for_whom: str
    hours: str
    facilitator: str
    lived_experience: str  #: empty when nobody wants to say
    expect: str


@dataclass(frozen=True)
class DemoDuty:
    """One weekly slot in the group's own time zone."""

    weekday: int  #: Monday is 0
    start: time
    end: time
    role: str


@dataclass(frozen=True)
class DemoRoom:
    """A live room: one that meets each week, or one that is open whenever somebody looks after it."""

    name: str
    purpose: str
    weekday: int | None  #: Monday is 0; without one it is open while somebody looks after it
    start: time | None
    theme: str  #: of its next meeting


@dataclass(frozen=True)
class DemoException:
    """One day that differs from the week; without hours nobody is there."""

    weekday: int  #: Monday is 0; the first one after the day the demonstration is loaded …
    weeks_later: int  #: … and this many weeks on
    reason: str
    start: time | None
    end: time | None
    role: str  #: empty when nobody is there


@dataclass(frozen=True)
class DemoBoard:
    uid: str
    name: str
    purpose: str


@dataclass(frozen=True)
class DemoPerson:
    """A pseudonym in one group."""

    name: str
    role: str  #: one of ROLES


@dataclass(frozen=True)
class DemoPost:
    by: str  #: the name of a person of the group, also when masked
    body: str
    lang: str
    masked: bool  #: shown under an alias in this topic
    state: str  #: one of STATES
    earlier: str  #: what it said before it was edited; empty when it was not
    answers: int | None  #: which post of the topic it quotes, 0 is the opening one
    minutes_ago: int  #: before the moment the demonstration is loaded
    notes: int = 0  #: content notes, a mask of forum.content.notes' classes
    mark: str = ""  #: one of MARKS, or none


@dataclass(frozen=True)
class DemoTopic:
    board: str
    title: str
    posts: tuple[DemoPost, ...]  #: the opening one first, oldest to newest


@dataclass(frozen=True)
class DemoExample:
    """A made-up conversation that newcomers read before they join: pairs of a name and words."""

    title: str
    voices: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class DemoGroup:
    organisation: str
    address: str  #: two neutral words, for the URL
    name: str
    time_zone: str
    card: DemoCard
    duty: tuple[DemoDuty, ...]
    exceptions: tuple[DemoException, ...]
    rooms: tuple[DemoRoom, ...]
    boards: tuple[DemoBoard, ...]
    people: tuple[DemoPerson, ...]
    topics: tuple[DemoTopic, ...]
    examples: tuple[DemoExample, ...]


@dataclass(frozen=True)
class DemoWorld:
    organisations: tuple[DemoOrganisation, ...]
    groups: tuple[DemoGroup, ...]


def demo_world(path: Path | None = None) -> DemoWorld:
    """Read the demonstration world.

    :param path: a folder with organisations.toml and one file for each group; None for the one of the product.
    :raises ContentError: a file cannot be used; says where and what to do.
    """
    folder = path or SHIPPED
    whole = read_entry(folder / "organisations.toml").only("organisation")
    organisations = tuple(_organisation(entry) for entry in whole.entries("organisation"))
    files = sorted(file for file in folder.glob("*.toml") if file.name != "organisations.toml")
    known = tuple(organisation.uid for organisation in organisations)
    return DemoWorld(organisations, tuple(_group(read_entry(file), known) for file in files))


def _organisation(entry: Entry) -> DemoOrganisation:
    entry.only("uid", "name", "nation", "about")
    name = entry.text("name")
    if "demonstration" not in name:
        raise entry.wrong("name", "say “(demonstration)” in the name, so that nobody looks for help there")
    return DemoOrganisation(entry.text("uid"), name, entry.one_of("nation", NATIONS), entry.text("about"))


def _group(whole: Entry, organisations: tuple[str, ...]) -> DemoGroup:
    parts = ("card", "duty", "exception", "room", "board", "person", "topic", "example")
    whole.only("organisation", "address", "name", "time_zone", *parts)
    address = whole.text("address")
    if not re.fullmatch(r"[a-z]+-[a-z]+", address):
        raise whole.wrong("address", "write two neutral words joined by a hyphen, as in amber-kettle")
    boards = tuple(_board(entry) for entry in whole.entries("board"))
    people = tuple(_person(entry) for entry in whole.entries("person"))
    _refuse_twice(whole, "board", [board.uid for board in boards])
    _refuse_twice(whole, "person", [person.name for person in people])
    uids, names = tuple(board.uid for board in boards), tuple(person.name for person in people)
    return DemoGroup(
        organisation=whole.one_of("organisation", organisations),
        address=address,
        name=whole.text("name"),
        time_zone=_time_zone(whole),
        card=_card(whole.entry("card")),
        duty=tuple(_duty(entry) for entry in whole.entries("duty")),
        exceptions=tuple(_exception(entry) for entry in whole.entries("exception")),
        rooms=tuple(_room(entry) for entry in whole.entries("room")),
        boards=boards,
        people=people,
        topics=tuple(_topic(entry, uids, names) for entry in whole.entries("topic")),
        examples=tuple(_example(entry, names) for entry in whole.entries("example")),
    )


def _card(entry: Entry) -> DemoCard:
    entry.only("benefits", "for_whom", "hours", "facilitator", "lived_experience", "expect")
    return DemoCard(
        benefits=entry.text("benefits"),
        for_whom=entry.text("for_whom"),
        hours=entry.text("hours"),
        facilitator=entry.text("facilitator"),
        lived_experience=entry.text("lived_experience", default=""),
        expect=entry.text("expect"),
    )


def _board(entry: Entry) -> DemoBoard:
    entry.only("uid", "name", "purpose")
    return DemoBoard(entry.text("uid"), entry.text("name"), entry.text("purpose"))


def _person(entry: Entry) -> DemoPerson:
    entry.only("name", "role")
    return DemoPerson(entry.text("name"), entry.one_of("role", ROLES))


def _duty(entry: Entry) -> DemoDuty:
    entry.only("weekday", "start", "end", "role")
    start, end = _hours(entry)
    weekday = WEEKDAYS.index(entry.one_of("weekday", WEEKDAYS))
    return DemoDuty(weekday, start, end, entry.one_of("role", ROLES[1:]))


def _room(entry: Entry) -> DemoRoom:
    entry.only("name", "purpose", "weekday", "start", "theme")
    day = entry.one_of("weekday", ("", *WEEKDAYS), default="")
    weekday, start = (WEEKDAYS.index(day), _time(entry, "start")) if day else (None, None)
    return DemoRoom(entry.text("name"), entry.text("purpose"), weekday, start, entry.text("theme", default=""))


def _exception(entry: Entry) -> DemoException:
    entry.only("weekday", "weeks_later", "reason", "start", "end", "role")
    weekday = WEEKDAYS.index(entry.one_of("weekday", WEEKDAYS))
    weeks_later, reason = entry.number("weeks_later", 0, 8), entry.text("reason")
    if not {"start", "end", "role"} & entry.values.keys():
        return DemoException(weekday, weeks_later, reason, None, None, "")
    start, end = _hours(entry)
    return DemoException(weekday, weeks_later, reason, start, end, entry.one_of("role", ROLES[1:]))


def _topic(entry: Entry, boards: tuple[str, ...], names: tuple[str, ...]) -> DemoTopic:
    """Times run from the opening post onward, so that no reply can lie in the future or before its question."""
    entry.only("board", "title", "hours_ago", "replies", *_POST_KEYS)
    minutes_ago = entry.number("hours_ago", 1, MOST_HOURS_AGO) * 60
    posts = [_post(entry, names, 0, minutes_ago)]
    for n, reply in enumerate(entry.entries("replies"), start=1):
        reply.only("after_minutes", "answers", *_POST_KEYS)
        minutes_ago -= reply.number("after_minutes", 1, MOST_HOURS_AGO * 60, USUAL_MINUTES_TO_A_REPLY)
        if minutes_ago <= 0:
            raise reply.wrong("after_minutes", "this would lie in the future; make the topic's hours_ago larger")
        posts.append(_post(reply, names, n, minutes_ago))
    _refuse_both_faces(entry, posts)
    return DemoTopic(entry.one_of("board", boards), entry.text("title"), tuple(posts))


def _example(entry: Entry, names: tuple[str, ...]) -> DemoExample:
    entry.only("title", "voices")
    voices = []
    for voice in entry.entries("voices"):
        name = voice.only("name", "words").text("name")
        if name in names:
            raise voice.wrong("name", f"{name} is somebody of the group; make up another name")
        voices.append((name, voice.text("words")))
    return DemoExample(entry.text("title"), tuple(voices))


_POST_KEYS = ("by", "body", "lang", "masked", "state", "earlier", "note", "mark")


def _post(entry: Entry, names: tuple[str, ...], n: int, minutes_ago: int) -> DemoPost:
    return DemoPost(
        by=entry.one_of("by", names),
        body=entry.text("body"),
        lang=entry.text("lang", default="en"),
        masked=entry.flag("masked"),
        state=entry.one_of("state", STATES, default="visible"),
        earlier=entry.text("earlier", default=""),
        answers=entry.number("answers", 0, n - 1) if "answers" in entry.values else None,
        minutes_ago=minutes_ago,
        notes=_note(entry),
        mark=entry.one_of("mark", MARKS) if "mark" in entry.values else "",
    )


def _note(entry: Entry) -> int:
    """The one class of content note that a post has, by its English name."""
    if "note" not in entry.values:
        return 0
    classes = {str(one.name): one.mask for one in STARTERS}
    return classes[entry.one_of("note", tuple(classes))]


def _refuse_both_faces(entry: Entry, posts: list[DemoPost]) -> None:
    """A demonstration must not teach people to write named and masked side by side: readers would guess."""
    faces: dict[str, set[bool]] = defaultdict(set)
    for post in posts:
        faces[post.by].add(post.masked)
    for name, seen in faces.items():
        if len(seen) > 1:
            raise entry.wrong("masked", f"{name} writes here both named and masked; choose one for this topic")


def _refuse_twice(whole: Entry, key: str, values: list[str]) -> None:
    for value in values:
        if values.count(value) > 1:
            raise whole.wrong(key, f"“{value}” is there twice; give each its own")


def _hours(entry: Entry) -> tuple[time, time]:
    start, end = _time(entry, "start"), _time(entry, "end")
    if end <= start:
        raise entry.wrong("end", "must be later than start, on the same day")
    return start, end


def _time(entry: Entry, key: str) -> time:
    value = entry.text(key)
    if not re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", value):
        raise entry.wrong(key, 'write hours and minutes, as in "19:00"')
    return time.fromisoformat(value)


def _time_zone(whole: Entry) -> str:
    value = whole.text("time_zone")
    try:
        ZoneInfo(value)
    except (KeyError, ValueError, OSError) as error:
        raise whole.wrong("time_zone", f"“{value}” is not a time zone; write one such as Europe/London") from error
    return value
