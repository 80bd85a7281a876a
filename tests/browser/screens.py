"""Every screen in every state worth looking at: one registry for accessibility, screenshots and crawls.

A page that the URL map offers and no row shows fails `test_every_page_has_a_row`.
"""

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import select

from forum.accounts import staff
from forum.base.db import row
from forum.base.idents import write_ident
from forum.base.transaction import transaction
from forum.conversations import drafts
from forum.conversations import usecases as posting
from forum.conversations.drafts import Kept
from forum.conversations.prepare import Words
from forum.groups import vouching
from forum.groups.vouching import Deed
from forum.models import Role, SignInKind
from moderation import usecases as deciding
from moderation.models import CaseItem, CaseKind, Decision
from tests.browser import bound_stage, deciding_stage, place_stage
from tests.browser.appeal_stage import AppealStage, set_appeal_stage
from tests.browser.belonging_stage import BelongingStage, belonging_stage
from tests.browser.concern_stage import ConcernStage, concern_stage
from tests.browser.contracting_stage import ContractingStage, contracting_stage
from tests.browser.door_stage import DoorStage, set_door_stage
from tests.browser.notices_stage import notices_stage
from tests.browser.officer_stage import link_of, officer_stage, rota_of
from tests.browser.reading_stage import ReadingStage, reading_stage
from tests.browser.report_stage import ReportStage, set_report_stage
from tests.browser.room_stage import RoomStage, room_stage
from tests.browser.rules_stage import RulesStage, rules_stage
from tests.browser.sealed_stage import SealedStage, sealed_stage
from tests.browser.sealed_stage import deputy as sealed_deputy
from tests.browser.sealed_stage import lead as sealed_lead
from tests.browser.sealed_stage import newcomer as sealed_newcomer
from tests.browser.shift_stage import second, tired
from tests.browser.team_stage import TeamStage, set_team_stage
from tests.world import GroupHere, Person, World, conversation_url, post_url

LONG = "Donaudampfschifffahrtselektrizitaetenhauptbetriebswerkbauunterbeamtengesellschaft"
LINK = "Somebody gave me https://example.org and I wonder about it."
#: Pages that no person looks at, or that only lead on.
NOT_A_SCREEN = {
    "officers.healthz": "for machines",
    "officers.show_called": "leads on to the list of concerns",
    "staff.show_new_secret": "the screen “second step, secret”, which only its form reaches",
    "static": "files",
    "pages.healthz": "for machines",
    "pages.readyz": "for machines",
    "accounts.leave": "leads on to another site",
    "accounts.stay": "JSON",
    "conversations.show_changes": "JSON",
    "conversations.show_post": "leads on to the conversation",
    "writing.choose_board": "leads on to the form",
    "groups.offer_names": "a fragment of show_names",
    "copies.take_page": "a file to keep",
    "items.show_old": "leads on to the item",
    "queue.show_old": "leads on to the list",
    "copies.take_data": "a file to keep",
    "record_exports.download": "a file to keep",
    "accounts.take_numbers": "a file to keep",
    "talk.show_by_secret": "the screen “talk”, for somebody who is not signed in",
    "rooms.show_of": "leads on to the room",
    "rooms.download_date": "a file to keep",
    "quarters.show_pdf": "a file to keep",
    "room_hands.show_state": "a fragment of the room",
}


@dataclass
class Stage:
    """The people and words that screens are about."""

    world: World
    group: GroupHere
    member: Person
    other: Person
    moderator: Person
    topic: bytes
    named: int
    masked: int
    held: int
    hidden: int
    withdrawn: int
    case: bytes
    welcome: bytes
    long_topic: bytes
    facilitator: Person
    example: bytes
    of_team: TeamStage
    of_doors: DoorStage
    of_reports: ReportStage
    of_appeals: AppealStage
    vouched: Person
    asker: Person

    def visitor(self) -> Person:
        """Somebody new."""
        return self.world.visitor()


def set_stage(world: World) -> Stage:
    """A small evening in one group."""
    group = world.group(boards=("Say hello", "Hard nights"))
    world.on_duty(group, 0, "19:00", "21:00")
    member, other, moderator = world.person(group), world.person(group), world.person(group, Role.MODERATOR)
    moderator.send("/way-back", {"kind": "card"})
    topic = world.topic(member, "Some evening", "How was *your* day?\n\n- mine was long\n- and loud")
    named = world.reply(member, topic, "It got better later.")
    masked = world.reply(other, topic, "I would rather not say who I am.", masked=True)
    world.reply(moderator, topic, "Thank you for saying it.", answers_id=masked)
    world.reply(member, topic, "میں ٹھیک ہوں", lang="ur")
    hidden, withdrawn = world.reply(other, topic, "To be put away."), world.reply(member, topic, "To be taken back.")
    long_topic = world.topic(other, f"A word: {LONG}", f"{LONG}\n\n`{LONG}`\n\n> {LONG}")
    for n in range(22):
        world.reply(other, long_topic, f"Thought {n}, and then some more of it.")
    with world.app.app_context():
        deciding.hide_post(moderator.actor, hidden, "It named somebody. Please write it anew.", "be-kind")
        posting.withdraw_post(member.actor, withdrawn)
        posting.edit_post(member.actor, named, "It got better, a little later.", "en")
        held = posting.submit_post(member.actor, topic, Words(LINK), "held").id
        case = row(select(CaseItem.id).where(CaseItem.post_id == held, CaseItem.kind == CaseKind.HOLD))
        welcome = row(select(CaseItem.id).where(CaseItem.kind == CaseKind.WELCOME))
        assert case
        assert welcome
    facilitator = world.person(group, Role.FACILITATOR)
    example = world.example(group)
    world.example(group, f"Another: {LONG}")
    with world.app.app_context():
        for page in ("phone", "desk"):
            unsent = Kept(f"From the {page}: {LONG}", title="A bad night", lang="en", page=page)
            for writer in (facilitator, moderator):
                drafts.keep_draft(writer.actor, group.scope.group_id, group.boards[1], unsent)
    return Stage(
        world,
        group,
        member,
        other,
        moderator,
        topic,
        named,
        masked,
        held,
        hidden,
        withdrawn,
        case.id,
        welcome.id,
        long_topic,
        facilitator,
        example,
        set_team_stage(world, group, member, other, facilitator, moderator, topic, masked),
        set_door_stage(world, group, facilitator, other),
        set_report_stage(other, named, moderator),
        set_appeal_stage(world, group, member, other, moderator),
        *_set_vouched(world, group, facilitator),
    )


def _set_vouched(world: World, group: GroupHere, facilitator: Person) -> tuple[Person, Person]:
    """Somebody whose name the team is about to give away, and who asked for it."""
    lost, asker = world.person(group), world.person(group)
    with world.app.app_context(), transaction():
        scope, by = group.scope, facilitator.persona_id
        vouching.start(scope, lost.persona_id, Deed.GIVE_BACK, by, asker.persona_id)
    return lost, asker


@dataclass(frozen=True)
class Screen:
    """One page in one state, for one person."""

    endpoint: str
    who: Callable[[Stage], Person | None]
    path: Callable[[Stage], str]
    act: str = ""  #: the button to press once the page is open, for states that only a form reaches
    tick: str = ""  #: what is chosen before, as a CSS selector: each of them
    typed: tuple[str, str] = ("", "")  #: a field, as a CSS selector, and what is typed into it before
    meanwhile: Callable[[Stage], object] = lambda _stage: None  #: what others do while the page is open


def _nobody(_stage: Stage) -> None:
    return None


def _member(stage: Stage) -> Person:
    return stage.member


def _asker_of_a_copy(stage: Stage) -> Person:
    """Somebody whose copy is being made."""
    person = stage.world.person(stage.group)
    person.send(f"/g/{stage.group.address}/copy")
    return person


def _leaver(stage: Stage) -> Person:
    """Somebody who took their words along and left, and can undo both."""
    person = stage.world.person(stage.group)
    person.send(f"/g/{stage.group.address}/going/leave", {"words": "take"})
    return person


def _deleter(stage: Stage) -> Person:
    """Somebody who deleted their sign-in and came back in time."""
    person = stage.world.person(stage.group)
    person.send("/going")
    return stage.world.signed_in_again(person)


def _vouched(stage: Stage) -> Person:
    return stage.vouched


def _asker(stage: Stage) -> Person:
    return stage.asker


def _facilitator(stage: Stage) -> Person:
    return stage.facilitator


def _admin(stage: Stage) -> Person:
    return stage.world.admin()


def _half(stage: Stage) -> Person:
    """An admin who gave the password and not yet the code."""
    return stage.world.signed_in_again(stage.world.admin())


def _with_second_step(stage: Stage) -> Person:
    person = stage.world.person(stage.group, Role.MODERATOR)
    stage.world.second_step(person)
    return person


def _sharing(stage: Stage) -> Person:
    """Somebody with a way back, on a device that others use too."""
    person = stage.world.person(stage.group, device=SignInKind.SHARED)
    person.send("/way-back", {"kind": "card"})
    return person


def _other(stage: Stage) -> Person:
    return stage.other


def _moderator(stage: Stage) -> Person:
    return stage.moderator


def _reading(stage: Stage) -> ReadingStage:
    return reading_stage(stage.world, stage.group, stage.member, stage.other)


def _belonging(stage: Stage) -> BelongingStage:
    return belonging_stage(stage.world, stage.group)


def _new_here(stage: Stage) -> str:
    _belonging(stage)
    return f"/g/{stage.group.address}/new-here"


def _alone(stage: Stage) -> str:
    _belonging(stage)
    return f"/b/{write_ident(stage.group.board)}"


def _reader(stage: Stage) -> Person:
    return _reading(stage).reader


def _told(stage: Stage) -> Person:
    """Somebody with news of every kind."""
    return notices_stage(stage.world, stage.group, stage.member, stage.moderator)[0]


def _told_quietly(stage: Stage) -> Person:
    return notices_stage(stage.world, stage.group, stage.member, stage.moderator)[1]


def _group(page: str = "") -> Callable[[Stage], str]:
    return lambda stage: f"/g/{stage.group.address}{page}"


def _board(page: str = "", n: int = 0) -> Callable[[Stage], str]:
    return lambda stage: f"/b/{write_ident(stage.group.boards[n])}{page}"


def _post(which: str, page: str) -> Callable[[Stage], str]:
    return lambda stage: post_url(getattr(stage, which), page)


def _case(which: str) -> Callable[[Stage], str]:
    return lambda stage: f"/cases/{write_ident(getattr(stage, which))}"


def _decision(stage: Stage) -> str:
    with stage.world.app.app_context():
        found = row(select(Decision.id).where(Decision.post_id == stage.hidden))
    assert found
    return f"/decisions/{write_ident(found.id)}"


def _rule(stage: Stage) -> str:
    with stage.world.app.app_context():
        found = row(select(Decision.rules_version).where(Decision.post_id == stage.hidden))
    assert found
    return f"/rules/{write_ident(found.rules_version)}/be-kind"


def _example(page: str = "") -> Callable[[Stage], str]:
    return lambda stage: f"/g/{stage.group.address}/examples/{write_ident(stage.example)}{page}"


def _line(which: str, page: str = "") -> Callable[[Stage], str]:
    return lambda stage: f"/line/{write_ident(getattr(stage.of_team, which))}{page}"


def _receipt(stage: Stage) -> str:
    return _line("answered", f"/reports/{write_ident(stage.of_team.report)}")(stage)


def _duty_slot(stage: Stage) -> str:
    return f"/g/{stage.group.address}/duty/times/{write_ident(stage.of_team.slot)}"


def _board_of_group(stage: Stage) -> str:
    return f"/g/{stage.group.address}/boards/{write_ident(stage.group.board)}"


def _floor(stage: Stage) -> str:
    return f"/admin/organisations/{write_ident(stage.group.scope.organisation_id)}/floor"


def _safety(stage: Stage) -> str:
    house = officer_stage(stage.world)[0].scope.organisation_id
    return f"/admin/organisations/{write_ident(house)}/safety"


def _safety_off(stage: Stage) -> str:
    return f"/admin/organisations/{write_ident(stage.group.scope.organisation_id)}/safety"


def _officer_link(stage: Stage) -> str:
    return link_of(stage.world, lambda: stage.group.scope.organisation_id)


def _lead(stage: Stage) -> Person:
    return officer_stage(stage.world)[1].lead


def _deputy(stage: Stage) -> Person:
    return officer_stage(stage.world)[1].deputy


def _admin_link(stage: Stage) -> str:
    with stage.world.app.app_context():
        return f"/staff/{staff.invite()}"


_judge, _agrees = deciding_stage.who("judge"), deciding_stage.who("facilitator")


def _reviewer(stage: Stage) -> Person:
    return stage.of_appeals.reviewer


def _appealed(which: str, page: str) -> Callable[[Stage], str]:
    return lambda stage: post_url(getattr(stage.of_appeals, which), page)


def _my_report(stage_of: str, which: str, page: str) -> Callable[[Stage], str]:
    return lambda stage: f"/my-reports/{write_ident(getattr(getattr(stage, stage_of), which))}{page}"


def _at(path: str) -> Callable[[Stage], str]:
    return lambda _stage: path


def _person(which: str) -> Callable[[Stage], str]:
    return lambda stage: f"/g/{stage.group.address}/people/{write_ident(getattr(stage, which).persona_id)}"


def _asking(stage: Stage) -> str:
    return f"/g/{stage.group.address}/people/{write_ident(stage.of_doors.asks)}"


def _rules(stage: Stage) -> RulesStage:
    return rules_stage(stage.world)


def _council(stage: Stage) -> ContractingStage:
    return contracting_stage(stage.world)


def _sealed(stage: Stage) -> SealedStage:
    return sealed_stage(stage.world)


def _key_lead(stage: Stage) -> Person:
    return sealed_lead(stage.world)


def _key_deputy(stage: Stage) -> Person:
    return sealed_deputy(stage.world)


def _left_details(stage: Stage) -> Person:
    return _sealed(stage).on.member


def _sealed_group(page: str) -> Callable[[Stage], str]:
    return lambda stage: f"/g/{_sealed(stage).group.address}{page}"


def _record(page: str, which: str = "concern") -> Callable[[Stage], str]:
    return lambda stage: _sealed(stage).page(page, which)


def _concerns(stage: Stage) -> ConcernStage:
    return concern_stage(stage.world)


def _concern(which: str) -> Callable[[Stage], str]:
    return lambda stage: _concerns(stage).records[which]


def _nightly(page: str) -> Callable[[Stage], str]:
    return lambda stage: f"/g/{_concerns(stage).group.address}{page}"


def _rooms(stage: Stage) -> RoomStage:
    return room_stage(stage.world)


def _meeting(which: str, page: str = "") -> Callable[[Stage], str]:
    return lambda stage: _rooms(stage).page(which, page)


def _live(which: str, page: str = "") -> Callable[[Stage], str]:
    return lambda stage: _rooms(stage).room(which, page)


def _change(which: str) -> Callable[[Stage], str]:
    return lambda stage: _council(stage).page(which)


def _changes(page: str) -> Callable[[Stage], str]:
    return lambda stage: f"{_council(stage).address}/{page}"


SCREENS: dict[str, Screen] = {
    "welcome": Screen("groups.show_home", _nobody, _at("/")),
    "home": Screen("groups.show_home", _member, _at("/")),
    "all groups": Screen("groups.show_all", _nobody, _at("/groups")),
    "card": Screen("conversations.show_group", _nobody, _group()),
    "examples": Screen("cards.show_examples", _nobody, _group("/examples")),
    "examples, facilitator": Screen("cards.show_examples", _facilitator, _group("/examples")),
    "inside": Screen("cards.show_inside", _nobody, _group("/inside")),
    "who reads": Screen("cards.show_readers", _nobody, _group("/who-reads")),
    "paper": Screen("cards.show_paper", _nobody, _group("/paper")),
    "tour": Screen("cards.show_tour", _member, _group("/tour")),
    "tour, last": Screen("cards.show_tour", _member, _group("/tour?step=3")),
    "example list": Screen("examples.show_list", _facilitator, _group("/examples/list")),
    "example, new": Screen("examples.show_new", _facilitator, _group("/examples/new")),
    "example, refused": Screen("examples.show_new", _facilitator, _group("/examples/new"), act="Keep this example"),
    "example, change": Screen("examples.show_edit", _facilitator, _example()),
    "example, remove": Screen("examples.ask_to_remove", _facilitator, _example("/remove")),
    "group": Screen("conversations.show_group", _member, _group()),
    "group for the team": Screen("conversations.show_group", _moderator, _group()),
    "rules": Screen("ground_rules.show_rules", _nobody, _group("/rules")),
    "rules, easy": Screen("ground_rules.show_rules", _member, _group("/rules?easy=yes")),
    "rules, changed": Screen("ground_rules.show_rules", lambda s: _rules(s).asked, lambda s: _rules(s).address),
    "rules, what changed": Screen("agreeing.show", lambda s: _rules(s).asked, lambda s: f"{_rules(s).address}/agree"),
    "rules, not answered": Screen(
        "agreeing.show",
        lambda s: _rules(s).asked,
        lambda s: f"{_rules(s).address}/agree",
        act="I agree to these rules",
    ),
    "rules, what I agreed to": Screen(
        "agreeing.show", lambda s: _rules(s).agreed, lambda s: f"{_rules(s).address}/agree"
    ),
    "rules, how many agreed": Screen(
        "agreeing.show_agreed", lambda s: _rules(s).agreed, lambda s: f"{_rules(s).address}/agreed"
    ),
    "rules, who agreed": Screen(
        "agreeing.show_agreed", lambda s: _rules(s).lead, lambda s: f"{_rules(s).address}/agreed"
    ),
    "rules, library": Screen("library.show", _member, _group("/rules/library")),
    "rules, library, a topic": Screen("library.show", _member, _group("/rules/library?topic=links")),
    "rules, choose": Screen("library.show_offer", _member, _group("/rules/library/links-none")),
    "rules, choose, refused": Screen(
        "library.show_offer", _member, _group("/rules/library/links-none"), act="Keep as a draft"
    ),
    "changes, none": Screen("contracting.show_all", _member, _group("/rules/changes")),
    "changes": Screen("contracting.show_all", lambda s: _council(s).wren, _changes("changes")),
    "change, draft": Screen("contracting.show", lambda s: _council(s).wren, _change("draft")),
    "change, to second": Screen("contracting.show", lambda s: _council(s).heron, _change("draft")),
    "change, talk": Screen("contracting.show", lambda s: _council(s).lead, _change("talking")),
    "change, objected": Screen("contracting.show", lambda s: _council(s).lark, _change("objected")),
    "change, by consent": Screen("contracting.show", lambda s: _council(s).wren, _change("consent")),
    "change, not chosen": Screen(
        "contracting.show", lambda s: _council(s).wren, _change("consent"), act="Keep my choice"
    ),
    "change, by vote": Screen("contracting.show", lambda s: _council(s).wren, _change("vote")),
    "change, came later": Screen("contracting.show", lambda s: _council(s).late, _change("vote")),
    "change, agreed": Screen("contracting.show", lambda s: _council(s).wren, _change("adopted")),
    "propose, which": Screen("contracting.show_form", lambda s: _council(s).lark, _changes("propose")),
    "propose": Screen("contracting.show_form", lambda s: _council(s).lark, _changes("propose?rule=links")),
    "propose, several": Screen("rewriting.show_form", lambda s: _council(s).lark, _changes("propose/several")),
    "propose, several, refused": Screen(
        "rewriting.show_form", lambda s: _council(s).lark, _changes("propose/several"), act="Keep as a draft"
    ),
    "change, amend": Screen(
        "rewriting.show_amend", lambda s: _council(s).wren, lambda s: f"{_council(s).page('draft')}/amend"
    ),
    "propose, refused": Screen(
        "contracting.show_form", lambda s: _council(s).lark, _changes("propose?rule=new"), act="Keep as a draft"
    ),
    "change, for safety": Screen("contracting.show_safety", lambda s: _council(s).lead, _changes("safety")),
    "history": Screen("contracting.show_history", lambda s: _council(s).wren, _changes("history")),
    "write, rules first": Screen(
        "writing.write_topic",
        lambda s: _rules(s).late,
        lambda s: f"/b/{write_ident(_rules(s).group.boards[0])}/write",
        act="Post",
        typed=("#body", "I want to kill myself."),
    ),
    "join": Screen("ground_rules.begin", _nobody, _group("/write")),
    "not now": Screen("ground_rules.begin", _nobody, _group("/write"), act="I am not sure, or not now"),
    "names": Screen("groups.show_names", _nobody, _group("/name")),
    "rename": Screen("groups.show_names", _member, _group("/name")),
    "search": Screen("search.show_form", _member, _group("/search")),
    "search, refused": Screen("search.show_form", _member, _group("/search"), act="Search"),
    "search, found": Screen(
        "search.show_form", _member, _group("/search"), act="Search", typed=("#search-words", "better lat")
    ),
    "search, nothing found": Screen(
        "search.show_form", _member, _group("/search"), act="Search", typed=("#search-words", "suicide")
    ),
    "board": Screen("conversations.show_board", _member, _board()),
    "board, empty": Screen("conversations.show_board", _member, _board(n=1)),
    "board, all read": Screen("conversations.show_board", _other, _board(), act="Mark all topics here as read"),
    "catch up": Screen("coming_back.show_news", _moderator, _group("/catch-up")),
    "catch up, nothing new": Screen("coming_back.show_news", _other, _group("/catch-up")),
    "caught up": Screen("coming_back.show_news", _facilitator, _group("/catch-up"), act="I have caught up"),
    "write, kept words": Screen("writing.write_topic", _facilitator, _board("/write", n=1)),
    "write, thrown away": Screen(
        "writing.write_topic", _moderator, _board("/write", n=1), act="Throw these words away"
    ),
    "write": Screen("writing.write_topic", _member, _board("/write")),
    "write, refused": Screen("writing.write_topic", _member, _board("/write"), act="Post"),
    "topic": Screen("conversations.show_conversation", _member, lambda s: conversation_url(s.topic)),
    "reply, asked about details": Screen(
        "conversations.show_conversation",
        _member,
        lambda s: conversation_url(s.topic),
        act="Post",
        typed=("#body", "Ring me on 07700 900123 if you are awake."),
    ),
    "sent, hard words": Screen(
        "conversations.show_conversation",
        _member,
        lambda s: conversation_url(s.long_topic),
        act="Post",
        typed=("#body", "I can't keep myself safe tonight."),
    ),
    "topic, team": Screen("conversations.show_conversation", _moderator, lambda s: conversation_url(s.topic)),
    "topic, two pages": Screen("conversations.show_conversation", _other, lambda s: conversation_url(s.long_topic)),
    "reply, refused": Screen(
        "conversations.show_conversation", _member, lambda s: conversation_url(s.topic), act="Post"
    ),
    "sent": Screen("conversations.show_sent", _member, _post("named", "sent")),
    "sent, held": Screen("conversations.show_sent", _member, _post("held", "sent")),
    "words that wait": Screen("waiting.show", _member, _post("held", "waiting")),
    "more, mine": Screen("conversations.show_more", _member, _post("named", "more")),
    "more, of somebody": Screen("conversations.show_more", _other, _post("named", "more")),
    "more, team": Screen("conversations.show_more", _moderator, _post("masked", "more")),
    "more, hidden": Screen("conversations.show_more", _other, _post("hidden", "more")),
    "topic, notes and marks": Screen(
        "conversations.show_conversation", _member, lambda s: conversation_url(_reading(s).topic)
    ),
    "topic, put away": Screen(
        "conversations.show_conversation", _reader, lambda s: conversation_url(_reading(s).topic)
    ),
    "more, blocked": Screen("conversations.show_more", _reader, lambda s: post_url(_reading(s).blocked, "more")),
    "shown once": Screen("choosing.show_once", _reader, lambda s: post_url(_reading(s).noted, "once")),
    "how I read": Screen("choosing.show_mine", _reader, _group("/my-reading")),
    "how I read, refused": Screen("choosing.show_mine", _reader, _group("/my-reading"), act="Mute this word"),
    "notes of a post": Screen("choosing.show_notes", _moderator, lambda s: post_url(_reading(s).noted, "notes")),
    "notes of a group": Screen("note_classes.show_notes", _facilitator, _group("/notes")),
    "author": Screen("author.show_author", _moderator, lambda s: post_url(_belonging(s).introduced, "author")),
    "author, says nothing": Screen("author.show_author", _member, _post("named", "author")),
    "author, hidden name": Screen("author.show_author", _member, _post("masked", "author")),
    "by a rule, counts of the team": Screen("transparency.show", bound_stage.member, bound_stage.page("/team-counts")),
    "by a rule, what waits": Screen("holding.show_holds", bound_stage.facilitator, bound_stage.page("/holds")),
    "by a rule, settings": Screen("setup.show_settings", bound_stage.facilitator, bound_stage.page("/settings")),
    "by a rule, words wait": Screen("waiting.show", bound_stage.member, bound_stage.waiting),
    "by a rule, names show": Screen("writing.write_topic", bound_stage.member, bound_stage.write),
    "by a rule, how long my words stay": Screen("fading.show", bound_stage.member, bound_stage.page("/fading")),
    "how long my words stay": Screen("fading.show", _member, _group("/fading")),
    "about me": Screen("author.show_mine", _facilitator, _group("/about-me")),
    "about me, refused": Screen(
        "author.show_mine", lambda s: _belonging(s).too_open, _group("/about-me"), act="Keep this"
    ),
    "news": Screen("notices.show_news", _told, _at("/news")),
    "news, in quiet time": Screen("notices.show_news", _told_quietly, _at("/news")),
    "news, rules": Screen("notices.show_news", lambda s: _council(s).lark, _at("/news")),
    "home, deciding": Screen("groups.show_home", lambda s: _council(s).lark, _at("/")),
    "news, none": Screen("notices.show_news", _facilitator, _at("/news")),
    "news times": Screen("notices.show_times", _told_quietly, _group("/news-times")),
    "news times, kept": Screen("notices.show_times", _other, _group("/news-times"), act="Keep my times"),
    "follow": Screen("following.show_follow", _member, lambda s: f"{conversation_url(s.topic)}/follow"),
    "followed": Screen(
        "following.show_follow",
        _other,
        lambda s: f"{conversation_url(s.topic)}/follow",
        act="Tell me here when somebody answers",
    ),
    "mails": Screen("mail.show_mail", _member, _group("/mail")),
    "mails, the link in one": Screen("mail.show_stop", _nobody, _at("/mail/over")),
    "mails, ended": Screen("mail.show_stop", _nobody, _at("/mail/over"), act="No more mails"),
    "my things": Screen("things.show_mine", _told, _group("/mine")),
    "my things, none": Screen("things.show_mine", _facilitator, _group("/mine")),
    "my words": Screen("things.show_words", _told, _group("/mine/words")),
    "my words, none": Screen("things.show_words", _facilitator, _group("/mine/words")),
    "new here": Screen("welcoming.show_unanswered", _moderator, _new_here),
    "board, somebody waits": Screen("conversations.show_board", _reader, _alone),
    "question, new": Screen("polls.show_poll", _moderator, lambda s: f"{conversation_url(s.topic)}/poll"),
    "question, refused": Screen(
        "polls.show_poll", _moderator, lambda s: f"{conversation_url(s.topic)}/poll", act="Ask everyone"
    ),
    "question": Screen("polls.show_poll", _member, lambda s: f"{conversation_url(_belonging(s).asked)}/poll"),
    "show a rule": Screen("showing_rules.show", _member, lambda s: f"{conversation_url(s.topic)}/rule"),
    "question, closed": Screen("polls.show_poll", _member, lambda s: f"{conversation_url(_belonging(s).closed)}/poll"),
    "edit": Screen("writing.show_edit", _member, _post("named", "edit")),
    "withdrawn": Screen("writing.show_withdrawn", _member, lambda s: f"{conversation_url(s.topic)}/withdrawn"),
    "help, in a group": Screen("team.show_help", _member, _group("/help")),
    "ask the team": Screen("team.show_ask", _other, _group("/ask")),
    "ask the team, refused": Screen("team.show_ask", _other, _group("/ask"), act="Send to the team"),
    "line, mine": Screen("team.show_line", _member, _line("answered")),
    "line, hidden name": Screen("team.show_line", _other, _line("waiting", "?done=sent")),
    "line, refused": Screen("team.show_line", _member, _line("answered"), act="Send"),
    "line, team": Screen("team.show_line", _moderator, _line("waiting")),
    "lines": Screen("team.show_lines", _moderator, _group("/lines")),
    "messages": Screen("team.show_messages", _member, _at("/messages")),
    "ask the team, hidden name": Screen(
        "team.show_ask_hidden", _facilitator, lambda s: post_url(s.of_team.hidden_post, "ask")
    ),
    "messages, none": Screen("team.show_messages", _facilitator, _at("/messages")),
    "report outside": Screen("outside.show_report", _member, _line("answered", "/report")),
    "report outside, refused": Screen("outside.show_report", _member, _line("answered", "/report"), act="Send it"),
    "receipt": Screen("outside.show_receipt", _member, _receipt),
    "reports": Screen("outside.show_reports", _admin, _at("/admin/reports")),
    "reports, seen to": Screen("outside.show_reports", _admin, _at("/admin/reports?seen=1")),
    "report": Screen("outside.show_reported", _admin, lambda s: f"/admin/reports/{write_ident(s.of_team.report)}"),
    "duty": Screen("duty.show_duty", _facilitator, _group("/duty")),
    "duty, refused": Screen("duty.show_duty", _facilitator, _group("/duty"), act="Add this time"),
    "duty, moderator": Screen("duty.show_duty", _moderator, _group("/duty")),
    "shift": Screen("shifts.show_shift", _moderator, _group("/shift")),
    "shift, refused": Screen("shifts.show_shift", _moderator, _group("/shift"), act="Leave the note"),
    "shift, choices": Screen("shifts.show_choices", _moderator, _group("/shift/choices")),
    "shift, choices kept": Screen("shifts.show_choices", _facilitator, _group("/shift/choices"), act="Keep this"),
    "health": Screen("health.show_health", _facilitator, _group("/team/health")),
    "outcomes": Screen("health.show_outcomes", _moderator, _group("/team/outcomes")),
    "shift, tired": Screen("shifts.show_shift", tired, _group("/shift")),
    "item, time for a pause": Screen(
        "items.show", tired, lambda s: f"/cases/{write_ident(s.of_reports.worry)}", act="I'll look at this"
    ),
    "second look": Screen("second_looks.show", second, _group("/second-look")),
    "second look, none": Screen("second_looks.show", _moderator, _group("/second-look")),
    "second look, refused": Screen(
        "second_looks.show", second, _group("/second-look"), act="Say it, then see what was done"
    ),
    "second look, said": Screen(
        "second_looks.show",
        second,
        _group("/second-look"),
        tick="input[value=fold]",
        act="Say it, then see what was done",
    ),
    "duty, one time": Screen("duty.show_slot", _facilitator, _duty_slot),
    "set up": Screen("setup.show_setup", _facilitator, _group("/setup")),
    "set up, rules": Screen("setup.show_step", _facilitator, _group("/setup/rules")),
    "set up, crisis": Screen("setup.show_step", _facilitator, _group("/setup/crisis")),
    "boards, facilitator": Screen("setup.show_boards", _facilitator, _group("/boards")),
    "boards, new": Screen("setup.show_new_board", _facilitator, _group("/boards/new")),
    "boards, refused": Screen("setup.show_new_board", _facilitator, _group("/boards/new"), act="See what it does"),
    "boards, change": Screen("setup.show_board", _facilitator, _board_of_group),
    "boards, before it holds": Screen(
        "setup.show_board", _facilitator, _board_of_group, act="See what it does", tick="[name=readers][value='-1']"
    ),
    "holds": Screen("holding.show_holds", _facilitator, _group("/holds")),
    "holds, before they hold": Screen(
        "holding.show_holds", _facilitator, _group("/holds"), act="See what changes", tick="[name=group][value='16']"
    ),
    "brakes": Screen("holding.show_brakes", _moderator, _group("/brakes")),
    "settings": Screen("setup.show_settings", _facilitator, _group("/settings")),
    "settings, before they hold": Screen(
        "setup.show_settings", _facilitator, _group("/settings"), act="See what changes", tick="[name=hold_newcomers]"
    ),
    "second step": Screen("staff.show_second_step", _facilitator, _at("/second-step")),
    "second step, secret": Screen(
        "staff.show_second_step", _facilitator, _at("/second-step"), act="Set up my second step"
    ),
    "asked for a code": Screen(
        "staff.show_second_step", _with_second_step, _at("/second-step"), act="Move it to another phone"
    ),
    "asked for a code, none yet": Screen("people.show_people", _facilitator, _group("/people"), act="Make a link"),
    "code": Screen("staff.show_code", _half, _at("/sign-in/code")),
    "code, refused": Screen("staff.show_code", _half, _at("/sign-in/code"), act="Sign in"),
    "officer link": Screen("officers.show_link", _nobody, _officer_link),
    "officer link, refused": Screen("officers.show_link", _nobody, _officer_link, act="Make my sign-in"),
    "officer, desk": Screen("officers.show_desk", _lead, _at("/safeguarding")),
    "officer, quarter": Screen("quarters.show", _lead, _at("/safeguarding/quarters")),
    "officer, ready": Screen("officers.show_readiness", _lead, _at("/safeguarding/readiness")),
    "officer, times": Screen("safe_choices.show_times", _lead, _at("/safeguarding/times")),
    "officer, change times": Screen("safe_choices.show_change", _lead, _at("/safeguarding/times/change?level=high")),
    "officer, change times, refused": Screen(
        "safe_choices.show_change",
        _lead,
        _at("/safeguarding/times/change?level=high"),
        act="Keep these times",
        typed=("#step_2", "900"),
    ),
    "officer, keeping": Screen("safe_choices.show_keeping", _lead, _at("/safeguarding/keeping")),
    "officer, how called": Screen("calling.show_mine", _lead, _at("/safeguarding/channels")),
    "officer, how called, refused": Screen(
        "calling.show_mine", _deputy, _at("/safeguarding/channels"), act="Keep it and send a number By email"
    ),
    "officer, table": Screen("tier.show", _lead, lambda s: rota_of(s.world)),
    "officer, table refused": Screen("tier.show", _lead, lambda s: rota_of(s.world), act="Add this time"),
    "officer, table empty": Screen(
        "tier.show", _admin, lambda s: f"/safeguarding/rota/{write_ident(s.group.scope.organisation_id)}"
    ),
    "facilitator, how called": Screen(
        "calling.show_in_group",
        lambda s: officer_stage(s.world)[2],
        lambda s: f"/g/{officer_stage(s.world)[0].address}/calls",
    ),
    "admin, calls": Screen("safety.show", _admin, _safety),
    "admin, calls off": Screen("safety.show", _admin, _safety_off),
    "admin, calls, link refused": Screen("safety.show", _admin, _safety_off, act="Make a link for them"),
    "admin link": Screen("staff.show_link", _nobody, _admin_link),
    "admin": Screen("admin.show_admin", _admin, _at("/admin")),
    "admin, organisation": Screen("admin.show_new_organisation", _admin, _at("/admin/organisations/new")),
    "admin, organisation refused": Screen(
        "admin.show_new_organisation", _admin, _at("/admin/organisations/new"), act="Make the organisation"
    ),
    "admin, what groups keep": Screen("floors.show", _admin, _floor),
    "admin, what groups keep, changes": Screen("floors.show", _admin, _floor, act="See what changes"),
    "admin, group": Screen("admin.show_new_group", _admin, _at("/admin/groups/new")),
    "admin, group refused": Screen("admin.show_new_group", _admin, _at("/admin/groups/new"), act="Make the group"),
    "admin, link given": Screen("admin.show_admin", _admin, _at("/admin"), act="Make a link for a facilitator"),
    "invitation": Screen("doors.show_entry", _nobody, _at("/invitation")),
    "invitation, refused": Screen("doors.show_entry", _nobody, _at("/invitation"), act="Go on"),
    "invitation, printed code": Screen("doors.show_code", _nobody, _at("/i/acorn-otter-zebra")),
    "card, by request": Screen("conversations.show_group", _nobody, lambda s: f"/g/{s.of_doors.by_request.address}"),
    "card, by invitation": Screen(
        "conversations.show_group", _nobody, lambda s: f"/g/{s.of_doors.by_invitation.address}"
    ),
    "join, by request": Screen("ground_rules.begin", _nobody, lambda s: f"/g/{s.of_doors.by_request.address}/write"),
    "waiting": Screen(
        "conversations.show_group", lambda s: s.of_doors.waiting, lambda s: f"/g/{s.of_doors.by_request.address}"
    ),
    "waiting, said no": Screen(
        "conversations.show_group", lambda s: s.of_doors.refused, lambda s: f"/g/{s.of_doors.by_request.address}"
    ),
    "door": Screen("doors.show_door", _facilitator, _group("/door")),
    "door, moderator": Screen("doors.show_door", _moderator, _group("/door")),
    "door, before it holds": Screen("doors.show_door", _facilitator, _group("/door"), act="See what changes"),
    "invitations": Screen("doors.show_invitations", _facilitator, _group("/invitations")),
    "invitations, made": Screen(
        "doors.show_invitations", _facilitator, _group("/invitations"), act="Make an invitation"
    ),
    "people": Screen("people.show_people", _facilitator, _group("/people")),
    "person": Screen("people.show_person", _facilitator, _person("member")),
    "lost name": Screen("vouching.show_lost", _facilitator, lambda s: f"{_person('member')(s)}/lost"),
    "lost name, none chosen": Screen(
        "vouching.show_lost", _facilitator, lambda s: f"{_person('member')(s)}/lost", act="I vouch for this person"
    ),
    "words left behind": Screen("vouching.show_left", _facilitator, lambda s: f"{_person('member')(s)}/left"),
    "words left behind, under way": Screen(
        "vouching.show_left", _facilitator, lambda s: f"{_person('vouched')(s)}/left"
    ),
    "home, somebody says they are me": Screen("groups.show_home", _vouched, _at("/")),
    "home, the team vouched for me": Screen("groups.show_home", _asker, _at("/")),
    "person, of the team": Screen("people.show_person", _facilitator, _person("moderator")),
    "person, role without a reason": Screen(
        "people.show_person", _facilitator, _person("moderator"), act="End the role"
    ),
    "person who asks": Screen("people.show_person", _facilitator, _asking),
    "person who asks, no without words": Screen("people.show_person", _facilitator, _asking, act="Say no"),
    "role": Screen("people.show_role_link", _member, lambda s: f"/role/{s.of_doors.secret}"),
    "role, not in yet": Screen("people.show_role_link", _nobody, lambda s: f"/role/{s.of_doors.secret}"),
    "removals": Screen("people.show_removals", _admin, _at("/removals")),
    "queue": Screen("queue.show", _moderator, _group("/team")),
    "reading round": Screen("rounds.show", _moderator, _group("/round")),
    "reading round, reading": Screen("rounds.show", _facilitator, _group("/round"), act="Read the next ones"),
    "case": Screen("items.show", _moderator, _case("case")),
    "case, welcome": Screen("items.show", _moderator, _case("welcome")),
    "look after": Screen("moderation.show_post", _moderator, _post("named", "look-after")),
    "look after, before it is sent": Screen(
        "moderation.show_post",
        _judge,
        deciding_stage.to_look_after,
        tick="[name=clause][value=be-kind]",
        typed=("#words", deciding_stage.WHY),
        act="Go on",
    ),
    "look after, refused": Screen("moderation.show_post", _judge, deciding_stage.to_look_after, act="Go on"),
    "look after, hidden": Screen("moderation.show_post", _moderator, _post("hidden", "look-after")),
    "decision": Screen("decisions.show_for_author", _other, _post("hidden", "decision")),
    "decision, for the team": Screen("decisions.show", _moderator, _decision),
    "several at once": Screen("together.show", _moderator, lambda s: f"/g/{s.group.address}/team/together?kind=hold"),
    "several at once, none chosen": Screen(
        "together.show", _judge, deciding_stage.two_links, act="Decide about those I chose"
    ),
    "several at once, done": Screen(
        "together.show",
        _judge,
        deciding_stage.two_links,
        tick="[name=chosen], [name=choice][value=release]",
        meanwhile=deciding_stage.decide_one_of_them,
        act="Decide about those I chose",
    ),
    "case, before it is sent": Screen(
        "items.show",
        _judge,
        deciding_stage.taken("reported", "judge"),
        tick="[name=choice][value=hide], [name=clause][value=be-kind]",
        typed=("#words", deciding_stage.WHY),
        act="Go on",
    ),
    "case, decision refused": Screen(
        "items.show", _judge, deciding_stage.taken("reported", "judge"), tick="[value=hide]", act="Go on"
    ),
    "case, somebody was first": Screen(
        "items.show",
        _judge,
        deciding_stage.taken("reported", "judge"),
        tick="[name=choice][value=looked]",
        typed=("#words", deciding_stage.WHY),
        meanwhile=deciding_stage.overtake,
        act="Go on",
    ),
    "case, a colleague asks to agree": Screen("items.show", _agrees, deciding_stage.taken("proposed", "facilitator")),
    "case, agreed without a look": Screen(
        "items.show", _agrees, deciding_stage.taken("proposed", "facilitator"), tick="[value=confirm]", act="Go on"
    ),
    "case, appeal, refused": Screen(
        "items.show",
        _agrees,
        deciding_stage.taken("appealed", "facilitator"),
        act="Undo the decision: all is as it was",
    ),
    "decision, taken back": Screen("decisions.show", _judge, deciding_stage.decided, act="Take it back"),
    "decision, taken back without words": Screen("decisions.show", _agrees, deciding_stage.decided, act="Take it back"),
    "restrict": Screen("together.show_restrict", _moderator, _post("named", "restrict")),
    "restrict, refused": Screen(
        "together.show_restrict", _moderator, _post("named", "restrict"), act="Ask a colleague"
    ),
    "rule of a decision": Screen("decisions.show_rule", _other, _rule),
    "look after a topic": Screen("tending.show", _moderator, lambda s: f"{conversation_url(s.topic)}/look-after"),
    "look after a topic, refused": Screen(
        "tending.show",
        _moderator,
        lambda s: f"{conversation_url(s.topic)}/look-after",
        act="Close it, so that it is only read",
    ),
    "topic that was parted": Screen(
        "conversations.show_conversation", _member, lambda s: conversation_url(s.of_reports.parted)
    ),
    "topic changes": Screen(
        "tending.show_history", _member, lambda s: f"{conversation_url(s.of_reports.parted)}/history"
    ),
    "topic changes, team": Screen(
        "tending.show_history", _moderator, lambda s: f"{conversation_url(s.of_reports.parted)}/history"
    ),
    "begin a new topic": Screen("tending.show_split", _moderator, _post("named", "split")),
    "begin a new topic, refused": Screen("tending.show_split", _moderator, _post("named", "split"), act="Begin it"),
    "tell, a post": Screen("reports.show_report", _other, _post("named", "report")),
    "tell, a person": Screen("reports.show_person_report", _other, _post("named", "report-person")),
    "tell, a topic": Screen("reports.show_topic_report", _other, lambda s: f"{conversation_url(s.topic)}/report"),
    "tell, a topic, sent": Screen(
        "reports.show_topic_report", _other, lambda s: f"{conversation_url(s.topic)}/report", act="Send"
    ),
    "about my place": Screen("own_place.show_mine", place_stage.somebody_out, _at("/about-my-place")),
    "about my place, none": Screen("own_place.show_mine", _member, _at("/about-my-place")),
    "about my place, why": Screen("own_place.show", place_stage.somebody_out, place_stage.decision_page),
    "about my place, refused": Screen(
        "own_place.show", place_stage.somebody_out, place_stage.decision_page, act="Send it"
    ),
    "about my place, words": Screen("decisions.show_for_author", place_stage.somebody_out, place_stage.words_page),
    "home, out of a group": Screen("groups.show_home", place_stage.somebody_out, _at("/")),
    "tell, a worry": Screen("reports.show_worry", _other, _post("masked", "worry")),
    "tell, sent": Screen("reports.show_worry", _other, _post("named", "worry"), act="Send"),
    "tell, a group": Screen("reports.show_group_report", _nobody, _group("/report")),
    "tell, a group, sent": Screen("reports.show_group_report", _nobody, _group("/report"), act="Send"),
    "my reports": Screen("reports.show_mine", _other, _at("/my-reports")),
    "my reports, none": Screen("reports.show_mine", _nobody, _at("/my-reports")),
    "appeal": Screen("appeals.show_appeal", _member, _appealed("appealed", "appeal")),
    "appeal, refused": Screen("appeals.show_appeal", _member, _appealed("appealed", "appeal"), act="Send it"),
    "appeal, done": Screen("appeals.show_appeal", _member, _appealed("stands", "appeal")),
    "appeal, none": Screen("appeals.show_appeal", _member, _post("named", "appeal")),
    "ask about words": Screen("appeals.show_question", _member, _post("named", "ask-about")),
    "complaint": Screen("appeals.show_complaint", _other, _my_report("of_appeals", "told", "/complain")),
    "complaint, too early": Screen("appeals.show_complaint", _other, _my_report("of_reports", "report", "/complain")),
    "case, appeal": Screen("items.show", _facilitator, lambda s: f"/cases/{write_ident(s.of_appeals.appeal)}"),
    "reviewers": Screen("reviewers.show_reviewers", _admin, _at("/admin/reviewers")),
    "review, begin": Screen("reviewers.show_link", _nobody, lambda s: f"/review/{s.of_appeals.secret}"),
    "review": Screen("reviewers.show_item", _reviewer, lambda s: f"/reviewing/{write_ident(s.of_appeals.review)}"),
    "review, refused": Screen(
        "reviewers.show_item",
        _reviewer,
        lambda s: f"/reviewing/{write_ident(s.of_appeals.review)}",
        act="Undo the decision: all is as it was",
    ),
    "outside, about me": Screen("outsiders.show", _nobody, _at("/about-me")),
    "outside, about me, refused": Screen("outsiders.show", _nobody, _at("/about-me"), act="Send"),
    "outside, told": Screen("outsiders.show_told", _nobody, lambda s: f"/told/{s.of_appeals.outside}"),
    "told from outside": Screen("outsiders.show_reports", _admin, _at("/admin/outsiders")),
    "my report": Screen("reports.show_receipt", _other, lambda s: f"/my-reports/{write_ident(s.of_reports.report)}"),
    "told to the team, report": Screen(
        "items.show", _moderator, lambda s: f"/cases/{write_ident(s.of_reports.report)}"
    ),
    "told to the team, worry": Screen("items.show", _moderator, lambda s: f"/cases/{write_ident(s.of_reports.worry)}"),
    "told to the team, looking": Screen(
        "items.show",
        _moderator,
        lambda s: f"/cases/{write_ident(s.of_reports.worry)}",
        act="I'll look at this",
    ),
    "queue, one kind": Screen("queue.show", _moderator, _group("/team?kind=hold")),
    "sign in": Screen("accounts.sign_in", _nobody, _at("/sign-in")),
    "sign in, refused": Screen("accounts.sign_in", _nobody, _at("/sign-in"), act="Sign in"),
    "help": Screen("accounts.show_help", _nobody, _at("/help")),
    "safe": Screen("accounts.show_safe", _nobody, _at("/safe")),
    "another site": Screen("outward.show_leaving", _nobody, _at("/out?to=https%3A%2F%2Fexample.org%2Fhelp")),
    "privacy": Screen("accounts.show_privacy", _nobody, _at("/privacy")),
    "way back": Screen("ways_back.show", _member, _at("/way-back")),
    "way back, words": Screen("ways_back.show", _member, _at("/way-back"), act="Show me my six words"),
    "way back, prove it": Screen("ways_back.show", _sharing, _at("/way-back"), act="Show me six more words"),
    "way back, there are some": Screen("ways_back.show", _moderator, _at("/way-back")),
    "another device": Screen("ways_back.show_code", _member, _at("/devices/code")),
    "another device, numbers": Screen("ways_back.show_code", _member, _at("/devices/code"), act="Show me the numbers"),
    "apart": Screen("apart.explain", _member, _group("/apart")),
    "your choices": Screen("leaving.show_choices", _member, _group("/going")),
    "take words back": Screen("leaving.ask_words", _other, _group("/going/words")),
    "leave a group": Screen("leaving.ask_leave", _other, _group("/going/leave")),
    "what is kept": Screen("leaving.show_kept", _other, _group("/going/kept")),
    "somebody may know me": Screen("leaving.ask_known", _other, _group("/known")),
    "a new name": Screen("leaving.ask_fresh", _member, _group("/known/name")),
    "a copy": Screen("copies.show", _member, _group("/copy")),
    "a copy, asked for": Screen("copies.show", _asker_of_a_copy, _group("/copy")),
    "home, a copy asked for": Screen("groups.show_home", _asker_of_a_copy, _at("/")),
    "left": Screen("leaving.show_choices", _leaver, _group("/going")),
    "taking leave": Screen("ending.show", _member, _at("/going")),
    "taking leave, after it": Screen("ending.show", _deleter, _at("/going")),
    "apart, done": Screen("apart.show_done", _member, _at("/apart")),
    "sign-in name": Screen("ways_back.show_choose_name", _member, _at("/way-back/name")),
    "devices": Screen("accounts.show_devices", _member, _at("/devices")),
    "how it looks": Screen("display.show", _nobody, _at("/display")),
    "how it looks, changed": Screen("display.show", _member, _at("/display?next=/"), act="Larger"),
    "help, people are called": Screen("team.show_help", lambda s: _concerns(s).member, _nightly("/help")),
    "help, of no group": Screen("concern_doors.show_need_help", _nobody, _at("/need-help")),
    "worried, of no group": Screen("concern_doors.show_worried", _nobody, _at("/worried")),
    "worried": Screen("concern_doors.show_worried_in_group", lambda s: _concerns(s).member, _nightly("/worried")),
    "worried, nobody is called": Screen("concern_doors.show_worried_in_group", _member, _group("/worried")),
    "worried, told": Screen(
        "concern_doors.show_worried_in_group", lambda s: _concerns(s).member, _nightly("/worried"), act="Send"
    ),
    "concern, new": Screen("concern_doors.show_new", lambda s: _concerns(s).facilitator, _nightly("/concerns/new")),
    "concern, kept": Screen(
        "concerns.show", lambda s: _concerns(s).facilitator, _nightly("/concerns/new"), act="Keep this now"
    ),
    "talk": Screen("talk.show", lambda s: _concerns(s).member, lambda s: _concerns(s).talk),
    "concerns": Screen("concerns.show_list", lambda s: _concerns(s).tier.lead, _at("/concerns")),
    "concerns, closed": Screen("concerns.show_list", lambda s: _concerns(s).facilitator, _at("/concerns?closed=yes")),
    "concern, nobody has it": Screen("concerns.show", lambda s: _concerns(s).tier.lead, _concern("raised")),
    "concern, taken": Screen("concerns.show", lambda s: _concerns(s).tier.lead, _concern("taken")),
    "concern, refused": Screen("concerns.show", lambda s: _concerns(s).tier.lead, _concern("taken"), act="Keep this"),
    "concern, looked at": Screen("concerns.show", lambda s: _concerns(s).tier.lead, _concern("triaged")),
    "concern, offered": Screen("concerns.show", lambda s: _concerns(s).tier.deputy, _concern("triaged")),
    "concern, emergency": Screen("concerns.show", lambda s: _concerns(s).tier.lead, _concern("emergency")),
    "concern, a death": Screen("concerns.show", lambda s: _concerns(s).tier.lead, _concern("died")),
    "concern, to close": Screen("concerns.show", lambda s: _concerns(s).tier.deputy, _concern("to close")),
    "concern, of a colleague": Screen("concerns.show", lambda s: _concerns(s).facilitator, _concern("taken")),
    "guides": Screen("guide.show_index", _nobody, _at("/how-to")),
    "guide": Screen("guide.show_guide", _nobody, _at("/how-to/members")),
    "guide, long": Screen("guide.show_guide", _nobody, _at("/how-to/threat-model")),
    "guide, easy": Screen("guide.show_easy", _nobody, _at("/how-to/easy/members")),
    "practice": Screen("guide.show_practice", _nobody, _at("/practice")),
    "practice, refused": Screen("guide.show_practice", _nobody, _at("/practice"), act="Try to post"),
    "practice, left": Screen("guide.show_practice", _nobody, _at("/practice"), act="Practise leaving"),
    "using": Screen("guide.show_using", _nobody, _at("/using")),
    "using, member": Screen("guide.show_using", _member, _at("/using")),
    "feedback": Screen("guide.show_feedback", _nobody, _at("/feedback?page=guide.show_index")),
    "feedback, refused": Screen("guide.show_feedback", _nobody, _at("/feedback"), act="Send"),
    "feedback, read": Screen("guide.list_feedback", _admin, _at("/admin/feedback")),
    "feedback, thanks": Screen("guide.show_thanks", _nobody, _at("/feedback/thanks")),
    "rooms": Screen("rooms.show_rooms", lambda s: _rooms(s).newcomer, lambda s: f"/g/{_rooms(s).group.address}/rooms"),
    "rooms, facilitator": Screen(
        "rooms.show_rooms", lambda s: _rooms(s).lead, lambda s: f"/g/{_rooms(s).group.address}/rooms"
    ),
    "rooms, none": Screen("rooms.show_rooms", _member, _group("/rooms")),
    "room, doorway": Screen("rooms.show_meeting", lambda s: _rooms(s).newcomer, _meeting("named")),
    "room, doorway, names hidden": Screen("rooms.show_meeting", lambda s: _rooms(s).newcomer, _meeting("masked")),
    "room, doorway, team": Screen("rooms.show_meeting", lambda s: _rooms(s).lead, _meeting("named")),
    "room, to come": Screen("rooms.show_meeting", lambda s: _rooms(s).newcomer, _meeting("coming")),
    "room": Screen("rooms.show_meeting", lambda s: _rooms(s).named.members[0], _meeting("named")),
    "room, names hidden": Screen("rooms.show_meeting", lambda s: _rooms(s).masked.members[0], _meeting("masked")),
    "room, facilitator": Screen("rooms.show_meeting", lambda s: _rooms(s).named.host, _meeting("named")),
    "room, nobody there": Screen("rooms.show_meeting", lambda s: _rooms(s).alone.members[0], _meeting("alone")),
    "room, side": Screen("rooms.show_meeting", lambda s: _rooms(s).named.members[2], _meeting("side")),
    "room, preparing": Screen("rooms.show_meeting", lambda s: _rooms(s).lead, _meeting("preparing")),
    "room, not opened": Screen(
        "rooms.show_meeting", lambda s: _rooms(s).lead, _meeting("preparing"), act="Open the room"
    ),
    "room, over": Screen("rooms.show_meeting", lambda s: _rooms(s).over.members[0], _meeting("over")),
    "room, over, team": Screen("rooms.show_meeting", lambda s: _rooms(s).lead, _meeting("over")),
    "room, new": Screen("room_set_up.show_new", _facilitator, _group("/rooms/new")),
    "room, new, refused": Screen("room_set_up.show_new", _facilitator, _group("/rooms/new"), act="Keep this"),
    "room, settings": Screen("room_set_up.show_settings", lambda s: _rooms(s).lead, _live("weekly", "/settings")),
    "room, meetings": Screen("room_set_up.show_room", lambda s: _rooms(s).lead, _live("weekly")),
    "room, meetings, refused": Screen(
        "room_set_up.show_room", lambda s: _rooms(s).lead, _live("weekly"), act="Plan it"
    ),
    "room, theme": Screen("room_set_up.show_theme", lambda s: _rooms(s).lead, _meeting("coming", "/theme")),
    "run, member": Screen("rooms.show_meeting", lambda s: _rooms(s).running.members[2], _meeting("running")),
    "run, the floor": Screen("rooms.show_meeting", lambda s: _rooms(s).running.members[1], _meeting("running")),
    "run, asked": Screen("rooms.show_meeting", lambda s: _rooms(s).running.members[0], _meeting("running")),
    "run, facilitator": Screen("rooms.show_meeting", lambda s: _rooms(s).running.host, _meeting("running")),
    "turn": Screen("room_hands.show_turn", lambda s: _rooms(s).running.members[1], _meeting("running", "/turn")),
    "turn, waiting": Screen(
        "room_hands.show_turn", lambda s: _rooms(s).running.members[2], _meeting("running", "/turn")
    ),
    "struggling": Screen(
        "room_signals.show_struggling", lambda s: _rooms(s).running.members[2], _meeting("running", "/struggling")
    ),
    "struggling, asked": Screen(
        "room_signals.show_struggling", lambda s: _rooms(s).running.members[0], _meeting("running", "/struggling")
    ),
    "struggling, nobody there": Screen(
        "room_signals.show_struggling", lambda s: _rooms(s).alone.members[0], _meeting("alone", "/struggling")
    ),
    "site help": Screen(
        "room_signals.show_site_help", lambda s: _rooms(s).running.members[2], _meeting("running", "/site-help")
    ),
    "desk": Screen("room_desk.show_desk", lambda s: _rooms(s).running.host, _meeting("running", "/desk")),
    "desk, refused": Screen(
        "room_desk.show_desk", lambda s: _rooms(s).running.host, _meeting("running", "/desk"), act="Close the room"
    ),
    "desk, names hidden": Screen("room_desk.show_desk", lambda s: _rooms(s).masked.host, _meeting("masked", "/desk")),
    "desk, leaving": Screen(
        "room_desk.show_person",
        lambda s: _rooms(s).running.host,
        lambda s: _rooms(s).page("running", f"/desk/person/{write_ident(_rooms(s).running.members[1].persona_id)}"),
    ),
    "follow-ups": Screen(
        "follow_ups.show", lambda s: _rooms(s).running.host, lambda s: f"/g/{_rooms(s).group.address}/follow-ups"
    ),
    "follow-ups, refused": Screen(
        "follow_ups.show",
        lambda s: _rooms(s).running.host,
        lambda s: f"/g/{_rooms(s).group.address}/follow-ups",
        act="This is done",
    ),
    "summary": Screen("room_after.show_summary", lambda s: _rooms(s).past.support, _meeting("past", "/summary")),
    "summary, own": Screen("room_after.show_summary", lambda s: _rooms(s).past.host, _meeting("past", "/summary")),
    "debrief": Screen("room_after.show_debrief", lambda s: _rooms(s).past.host, _meeting("past", "/debrief")),
    "check-in, the day after": Screen(
        "room_after.show_check_in", lambda s: _rooms(s).past.members[0], _meeting("past", "/check-in")
    ),
    "check-in, wanted": Screen(
        "room_after.show_check_in", lambda s: _rooms(s).ended.members[0], _meeting("ended", "/check-in")
    ),
    "contact details": Screen("contact.show", lambda s: _sealed(s).plain, _sealed_group("/contact")),
    "contact details, refused": Screen(
        "contact.show", lambda s: _sealed(s).plain, _sealed_group("/contact"), act="Lock and keep these"
    ),
    "contact details, left": Screen("contact.show", _left_details, _sealed_group("/contact")),
    "contact details, none yet": Screen("contact.show", _member, _group("/contact")),
    "contact details, opened": Screen("contact.show_opened", _left_details, _sealed_group("/contact/opened")),
    "contact details, not opened": Screen("contact.show_opened", _member, _group("/contact/opened")),
    "keys": Screen("safe_keys.show", _key_lead, _at("/safeguarding/keys")),
    "keys, wrong words": Screen(
        "safe_keys.show", _key_deputy, _at("/safeguarding/keys"), act="Try my key", typed=("#words", "acid acorn")
    ),
    "keys, first": Screen("safe_keys.show", lambda s: _sealed(s).on.tier.independent, _at("/safeguarding/keys")),
    "keys, the words": Screen(
        "safe_keys.show",
        lambda s: sealed_newcomer(s.world),
        _at("/safeguarding/keys"),
        act="Make my key",
    ),
    "half a key": Screen("safe_keys.show_half", lambda s: _sealed(s).on.facilitator, _sealed_group("/key")),
    "half a key, none": Screen("safe_keys.show_half", lambda s: _sealed(s).keyless, _sealed_group("/key")),
    "sealed details": Screen("openings.show", _key_lead, _record("details")),
    "sealed details, to answer": Screen("openings.show", _key_deputy, _record("details", "asked")),
    "sealed details, to review": Screen("openings.show", _key_deputy, _record("details")),
    "sealed details, refused": Screen("openings.show", _key_lead, _record("details"), act="Ask a second person"),
    "record to take out": Screen("record_exports.show", _key_lead, _record("export")),
    "record to take out, refused": Screen("record_exports.show", _key_lead, _record("export"), act="Take a copy"),
    "record to keep": Screen("record_ends.show", _key_lead, _record("keep")),
    "old records": Screen("record_ends.show_due", _key_lead, _at("/safeguarding/records")),
    "no such page": Screen("404", _nobody, _at("/nowhere")),
    "not signed in": Screen("401", _nobody, _at("/devices")),
}
