"""The voice of the team: chosen before writing, and naming nobody in any byte that anybody gets."""

import re

import pytest
from sqlalchemy import select

from forum.base.db import row, rows
from forum.base.errors import NotFound
from forum.base.idents import new_ident, write_ident, write_post_id
from forum.conversations import drafts, team, voice
from forum.conversations import usecases as posting
from forum.conversations.prepare import Meant, Words
from forum.models import Persona, Post, PostState, Role
from moderation import report_targets, reports
from moderation.models import AuditEntry, CaseItem, CaseKind
from moderation.reports import Saying
from tests.world import Person, World, conversation_url, post_url, text_of


class Team:
    """A group with a moderator, a facilitator and two members."""

    def __init__(self, world: World) -> None:
        self.world, self.group = world, world.group()
        self.robin = world.person(self.group, Role.MODERATOR, "Robin Wood")
        self.wren = world.person(self.group, Role.FACILITATOR)
        self.member, self.other = world.person(self.group), world.person(self.group)
        self.topic = world.topic(self.member)

    def line(self) -> bytes:
        """A member's line to the team with a question."""
        self.member.send(f"/g/{self.group.address}/ask", {"body": "A question."})
        self.world.settle()
        found = team.find_line(self.member.actor, self.group.scope)
        assert found
        return found.conversation_id


@pytest.fixture
def here(world: World, inside: None) -> Team:
    return Team(world)


def names_nobody(page: bytes, person: Person) -> bool:
    """Whether nothing of somebody's name or ids stands in what a reader gets."""
    ids = (person.persona_id.hex(), write_ident(person.persona_id))
    return not any(one.encode() in page for one in (person.name, *ids)) and person.persona_id not in page


def test_l15_words_of_the_team_name_nobody_in_any_byte(here: Team) -> None:
    here.robin.send(f"{conversation_url(here.topic)}/posts", {"body": "Please be kind.", "masked": "team"})
    here.world.settle()
    post = row(select(*Post.__table__.columns).where(Post.body == "Please be kind."))
    assert post
    assert here.robin.persona_id not in tuple(post)
    here.member.send(f"{conversation_url(here.topic)}/posts", {"body": "Yes.", "answers": write_post_id(post.id)})
    here.world.settle()
    pages = [conversation_url(here.topic), "/", f"/g/{here.group.address}", f"/g/{here.group.address}/catch-up"]
    pages += [post_url(post.id, one) for one in ("more", "report", "worry")]
    pages += [f"{conversation_url(here.topic)}/changes?after=0", f"/g/{here.group.address}/search?q=kind"]
    for reader in (here.other, here.wren):
        got = [reader.get(page).data for page in pages]
        assert b"The team" in got[0]
        assert all(names_nobody(page, here.robin) for page in got)


def test_l15_the_same_words_under_ones_own_name_name_their_author(here: Team) -> None:
    here.robin.send(f"{conversation_url(here.topic)}/posts", {"body": "Please be kind.", "masked": ""})
    here.world.settle()
    assert not names_nobody(here.other.get(conversation_url(here.topic)).data, here.robin)


def test_an_answer_to_the_team_in_its_voice_names_nobody(here: Team) -> None:
    line = here.line()
    here.robin.send(f"/line/{write_ident(line)}/posts", {"body": "We hear you.", "masked": "team", "seen": "1"})
    page = text_of(here.wren.get(f"/line/{write_ident(line)}"))
    assert "We hear you." in page  # on its way, and already all of theirs
    here.world.settle()
    said = here.member.get(f"/line/{write_ident(line)}")
    assert "We hear you." in text_of(said)
    post = said.text.split("We hear you.")[0].rsplit("<article", 1)[1]
    assert "The team" in post
    assert here.robin.name not in post
    assert team.count_waiting(here.wren.actor, here.group.scope) == 0


def test_the_voice_is_asked_before_the_words(here: Team) -> None:
    for path in (conversation_url(here.topic), f"/b/{write_ident(here.group.board)}/write"):
        page = here.robin.get(path).text
        assert page.index("In whose voice do you write?") < page.index('id="body"')
        assert 'value="team"' not in here.member.get(path).text
    line = here.robin.get(f"/line/{write_ident(here.line())}").text
    assert line.index("In whose voice do you write?") < line.index('id="body"')


def test_a_member_cannot_speak_for_the_team_and_one_of_the_team_can(here: Team) -> None:
    words = Words("In our name.", as_team=True)
    with pytest.raises(NotFound):
        posting.submit_post(here.member.actor, here.topic, words, write_ident(new_ident()))
    written = posting.submit_post(here.robin.actor, here.topic, words, write_ident(new_ident()))
    assert written.state is PostState.SENDING
    assert here.robin.get(post_url(written.id, "sent")).status_code == 200


def test_a_member_cannot_take_the_name_of_the_team(here: Team) -> None:
    here.world.reply(here.robin, here.topic, "In our name.", as_team=True)
    for name in ("The team", "the tearn", "The  Teаm"):
        here.other.send(f"/g/{here.group.address}/rename", {"own_name": name})
    assert row(select(Persona.name).where(Persona.id == here.other.persona_id)) == (here.other.name,)
    here.other.send(f"/g/{here.group.address}/rename", {"own_name": "Quiet Heron"})
    assert row(select(Persona.name).where(Persona.id == here.other.persona_id)) == ("Quiet Heron",)


def test_all_of_the_team_can_change_and_take_back_what_it_said_and_nobody_else(here: Team) -> None:
    post = here.world.reply(here.robin, here.topic, "In our name.", as_team=True)
    with pytest.raises(Exception, match="Only the person who wrote this"):
        posting.withdraw_post(here.member.actor, post)
    posting.edit_post(here.wren.actor, post, "In our better name.", "en", Meant())
    assert names_nobody(here.other.get(conversation_url(here.topic)).data, here.wren)
    posting.withdraw_post(here.wren.actor, post)
    assert row(select(Post.state).where(Post.id == post)) == (PostState.WITHDRAWN,)


def test_the_voice_is_nobody_in_the_group(here: Team) -> None:
    before = [text_of(here.wren.get(f"/g/{here.group.address}/{page}")) for page in ("people", "who-reads", "duty")]
    here.world.reply(here.robin, here.topic, "In our name.", as_team=True)
    assert [
        text_of(here.wren.get(f"/g/{here.group.address}/{page}")) for page in ("people", "who-reads", "duty")
    ] == before
    assert len(rows(voice.persona_of(here.group.scope))) == 1
    here.world.reply(here.wren, here.topic, "In our name, too.", as_team=True)
    assert len(rows(voice.persona_of(here.group.scope))) == 1


def test_who_spoke_stands_in_the_chain_and_nowhere_in_clear(here: Team) -> None:
    here.world.reply(here.robin, here.topic, "In our name.", as_team=True)
    kept = rows(select(AuditEntry.actor, AuditEntry.codes).where(AuditEntry.action == "voice.team"))
    assert len(kept) == 1
    assert here.robin.persona_id.hex() not in str(kept)


def test_words_kept_for_later_keep_their_voice(here: Team) -> None:
    form = {"body": "Later.", "masked": "team", "later": "yes"}
    here.robin.send(f"{conversation_url(here.topic)}/posts", form)
    kept = drafts.find_draft(here.robin.actor, here.group.scope.group_id, here.topic)
    assert kept
    assert kept.as_team
    page = here.robin.get(conversation_url(here.topic)).text
    assert re.search(r'value="team"[^>]*checked', page)


@pytest.mark.parametrize("kind", [CaseKind.REPORT, CaseKind.WELFARE])
def test_what_is_told_about_words_of_the_team_goes_to_the_organisation_and_to_none_of_them(
    here: Team, kind: CaseKind
) -> None:
    look = report_targets.of_post if kind is CaseKind.REPORT else report_targets.of_author
    posts = [here.world.reply(here.robin, here.topic, "Words.", as_team=as_team) for as_team in (True, False)]
    for post_id, outside in zip(posts, (True, False), strict=True):
        item_id = reports.tell(here.other.actor, kind, lambda now, one=post_id: look(now, one), Saying())
        kept = row(select(CaseItem.outside_id).where(CaseItem.id == item_id))
        assert kept
        assert (kept.outside_id is not None) is outside
        assert here.wren.get(f"/cases/{write_ident(item_id)}").status_code == (404 if outside else 200)
        assert here.robin.get(f"/cases/{write_ident(item_id)}").status_code == 404
