"""What waits by the group's rules: each value holds what it says and no more, and says whose rule it is."""

import pytest
from sqlalchemy import select

from forum.base.db import row
from forum.base.errors import Invalid
from forum.base.idents import new_ident, write_ident
from forum.content.notes import DANGER
from forum.conversations import usecases as posting
from forum.conversations.prepare import Meant, Words
from forum.groups import holds, settings
from forum.models import Group, Hold, Post, PostState, Role
from moderation.models import Choice
from tests.binding import bind, set_floor
from tests.team_work import end, waiting
from tests.world import Person, World, conversation_url, post_url, text_of

LINK = "Read https://example.org first."
RISK = "I want to kill myself tonight."


class Scene:
    """A group with a member who wrote before, a new one, a facilitator, and a topic."""

    def __init__(self, world: World) -> None:
        self.world, self.group = world, world.group()
        self.wren, self.owl = world.person(self.group, name="Wren"), world.person(self.group, Role.FACILITATOR)
        self.topic = world.topic(self.wren)

    def fresh(self) -> Person:
        return self.world.person(self.group)

    def held(self, who: Person, body: str = "I hear you.", **words: object) -> int:
        """The post, if it waits; else 0."""
        said = Words(body, **words)  # type: ignore[arg-type]
        written = posting.submit_post(who.actor, self.topic, said, write_ident(new_ident()))
        return written.id if written.state is PostState.HELD else 0

    def told(self, post_id: int) -> str:
        """What its author reads of why it waits."""
        return text_of(self.wren.get(post_url(post_id, "waiting")))


@pytest.fixture
def scene(world: World, inside: object) -> Scene:
    return Scene(world)


def test_c2_links_wait_let_through_or_go_to_known_places(scene: Scene) -> None:
    bind(scene.group.scope, {"links": "known-safe list"})
    assert not scene.held(scene.wren, "Look at https://www.nhs.uk/mental-health/ when you can.")
    for led_on in (
        LINK,
        "See nhs.uk.example.com now.",
        "See https://nhs.uk@example.com now.",
        "See nhs.uk and example.org.",
        "See fakenhs.uk now.",
    ):
        assert scene.held(scene.wren, led_on), led_on
    bind(scene.group.scope, {"links": "open"})
    assert not scene.held(scene.wren, LINK)
    bind(scene.group.scope, {"links": "facilitator posts"})
    assert "This is our rule 9, agreed" in scene.told(scene.held(scene.wren, LINK))
    assert not scene.held(scene.owl, LINK)


def test_c2_which_posts_are_read_first(scene: Scene) -> None:
    bind(scene.group.scope, {"premod": "none"})
    assert not scene.held(scene.fresh())
    bind(scene.group.scope, {"premod": "newcomers"})
    assert scene.held(scene.fresh())
    assert scene.held(scene.wren, masked=True), "or an alias that goes out would be known for no newcomer's"
    assert not scene.held(scene.wren)
    assert not scene.held(scene.wren, notes=2)
    bind(scene.group.scope, {"premod": "named topics"})
    assert not scene.held(scene.wren)
    noted = scene.held(scene.wren, notes=2)
    assert "It has a content note. In this group a person reads such posts first. This is our rule" in scene.told(noted)
    assert not scene.held(scene.owl, notes=2)
    bind(scene.group.scope, {"premod": "all"})
    assert scene.held(scene.wren)
    assert not scene.held(scene.owl)


def test_c2_out_of_hours(scene: Scene) -> None:
    bind(scene.group.scope, {"mod.premod_hours": "always"})
    assert scene.held(scene.wren)
    scene.world.on_duty(scene.group, scene.world.moment.at.weekday(), "00:00", "23:59")
    assert not scene.held(scene.wren)


@pytest.mark.parametrize("value", ["supported space", "redirect kindly"])
def test_c2_words_that_sound_like_danger_wait_where_the_group_agreed_so(scene: Scene, value: str) -> None:
    assert not scene.held(scene.wren, RISK)
    bind(scene.group.scope, {"crisis_talk": value})
    told = scene.told(scene.held(scene.wren, RISK))
    assert "This is our rule" in told
    assert "help is at the end of this page" in told
    assert not scene.held(scene.wren)


def test_c2_a_group_that_does_not_talk_about_danger_leads_to_those_who_can(scene: Scene) -> None:
    """What a supported space does not do: who can listen comes first, and such words never stand open."""
    pages, notes = {}, {}
    for value in ("supported space", "redirect kindly"):
        bind(scene.group.scope, {"crisis_talk": value})
        post = scene.held(scene.wren, RISK)
        pages[value] = text_of(scene.wren.get(post_url(post, "sent")))
        waits = [one for one in waiting(scene.owl.actor, scene.group.scope) if "crisis_talk" in one.reasons]
        end(scene.owl.actor, waits[0], Choice.RELEASE)
        notes[value] = (
            scene.world.person(scene.group).get(conversation_url(scene.topic)).text.count("Suicide or self-harm")
        )
    supported, elsewhere = pages["supported space"], pages["redirect kindly"]
    assert "Someone can listen to you now" not in supported
    assert elsewhere.index("116 123") < elsewhere.index("A person from the team reads them first")
    assert elsewhere.index("You are still welcome") < elsewhere.index("A person from the team reads them first")
    assert "Would you like someone to check in?" in elsewhere
    assert "Would you like someone to check in?" in supported
    assert notes["redirect kindly"] == notes["supported space"] + 1, "the note before them, beside the form's own"


def test_c2_the_note_before_such_words_stays_when_they_are_edited(scene: Scene) -> None:
    bind(scene.group.scope, {"crisis_talk": "redirect kindly"})
    post = scene.held(scene.wren, RISK)
    posting.edit_post(scene.wren.actor, post, f"{RISK} Again.", "en", Meant())
    found = row(select(Post.notes).where(Post.id == post))
    assert found
    assert found.notes & DANGER
    hopeful = scene.held(scene.wren, "I feel better today.")
    assert not hopeful


def test_c2_a_floor_holds_in_every_group_of_the_organisation_and_in_no_other(world: World, inside: object) -> None:
    one, other = Scene(world), Scene(world)
    elsewhere = world.group("Another Trust")
    far = world.topic(world.person(elsewhere))
    stranger = world.person(elsewhere)
    set_floor(one.group.scope, {"premod": "all"})
    assert one.held(one.wren)
    assert other.held(other.wren)
    written = posting.submit_post(stranger.actor, far, Words("Here."), write_ident(new_ident()))
    assert written.state is not PostState.HELD
    assert "The organisation that runs this group asks for it." in one.told(one.held(one.wren))


# --- What pages of settings offer ---


def test_a_page_of_settings_offers_nothing_that_a_rule_decides(scene: Scene) -> None:
    path = f"/g/{scene.group.address}/holds"
    page = scene.owl.get(path)
    assert "This is our rule 7, here since" in text_of(page), "links, by the starter rules"
    bind(scene.group.scope, {"premod": "newcomers", "mod.premod_hours": "staffed only"})
    form = {"group": [str(int(Hold.CONTACTS)), str(int(Hold.EVERYTHING))], "sure": "yes"}
    assert scene.owl.send(path, form).status_code == 303
    assert not scene.held(scene.wren), "a tick that no page offers changes nothing"
    assert scene.held(scene.fresh())
    said = text_of(scene.owl.get(f"/g/{scene.group.address}/settings"))
    assert "First posts wait until somebody reads them. This is our rule" in said
    assert "First posts of new people wait until" not in said


def test_the_command_line_does_not_undo_a_rule(scene: Scene) -> None:
    settings.set_hold_newcomers(scene.group.scope.group_id, hold=True)
    bind(scene.group.scope, {"premod": "none"})
    assert not scene.held(scene.fresh())
    with pytest.raises(Invalid, match="This is our rule"):
        settings.set_hold_newcomers(scene.group.scope.group_id, hold=False)
    ran = scene.world.app.test_cli_runner().invoke(args=["group", "hold-newcomers", scene.group.address, "on", "--yes"])
    assert ran.exit_code != 0
    assert "This is our rule" in ran.output


def test_the_teams_own_choice_counts_where_the_rules_say_nothing(scene: Scene) -> None:
    holds.save(scene.owl.actor, scene.group.scope, {None: Hold.EVERYTHING})
    assert scene.held(scene.wren)
    found = row(select(Group.holds).where(Group.id == scene.group.scope.group_id))
    assert found
    assert Hold(found.holds) & Hold.EVERYTHING


def test_before_writing_it_is_said_what_waits_by_a_rule(scene: Scene) -> None:
    bind(scene.group.scope, {"premod": "all"})
    assert "reads each post here before the group does" in text_of(scene.wren.get(conversation_url(scene.topic)))
    assert "reads each post here before the group does" in text_of(scene.wren.get(f"/g/{scene.group.address}/inside"))
