"""What detectors do once people post: they ask, prompt, fold and hold; never more (M15)."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from forum.base.db import rows
from forum.base.idents import new_ident, write_ident
from forum.content.notes import Fold
from forum.conversations import usecases
from forum.conversations.prepare import Words
from forum.models import Post, PostState, Restriction, Role
from moderation.detectors import contacts
from moderation.detectors.tokens import letters_in, words_in
from moderation.hit_models import DetectorHit
from moderation.models import CaseItem, CaseKind, Decision, Source
from tests.anonymity.traces import leads_to, listening
from tests.moderation.sentences.reading import list_sentences
from tests.world import World, conversation_url, post_url, sent_post, text_of

DANGER = "I took a load of tablets about an hour ago and I'm scared."
OWN = "I live in Brighton, BN1 4GH, if anybody is near."
PHONE = "Ring me on 07700 900123 if you are awake."
OTHERS = "Her address is 14 Larch Road, go and ask her yourself."
#: Of the 400 sentences; each is a whole post, and all of them took two minutes.
EVERY = 5
SHORT = "Read this please https://bit.ly/abc123"


def _items(world: World, post_id: int) -> list:
    about = (CaseItem.about == post_id.to_bytes(16)) | (CaseItem.post_id == post_id)
    with world.app.app_context():
        return rows(select(CaseItem.kind, CaseItem.source, CaseItem.reasons, CaseItem.intensity).where(about))


def _post(world: World, post_id: int):
    with world.app.app_context():
        return rows(select(Post.state, Post.notes, Post.body).where(Post.id == post_id))[0]


def _send(person, topic, body, **form):
    fields = {"body": body, "token": write_ident(new_ident()), **form}
    return person.send(f"{conversation_url(topic)}/posts", fields)


def test_a_cry_for_help_is_posted_at_once_and_somebody_looks(world: World) -> None:
    group = world.group()
    wren, robin = world.person(group), world.person(group)
    topic = world.topic(robin)
    answer = _send(wren, topic, DANGER)
    post_id = sent_post(answer)
    assert _post(world, post_id).state is PostState.SENDING
    (item,) = [item for item in _items(world, post_id) if item.kind is CaseKind.WELFARE]
    assert (item.source, item.reasons, item.intensity) == (Source.DETECTOR, "concern", 3)
    world.settle()
    assert "load of tablets" in text_of(robin.get(conversation_url(topic)))


def test_whoever_wrote_it_is_asked_if_somebody_may_check_in_and_nobody_else(world: World) -> None:
    group = world.group()
    wren, robin = world.person(group), world.person(group)
    topic = world.topic(robin)
    post_id = sent_post(_send(wren, topic, DANGER))
    page = wren.get(post_url(post_id, "sent"))
    assert "Would you like someone to check in?" in text_of(page)
    assert "Would you like" not in text_of(wren.get(post_url(sent_post(_send(wren, topic, "I hear you.")), "sent")))
    assert "check in" not in text_of(robin.get(conversation_url(topic)))
    line = wren.send(post_url(post_id, "check-in"), {"token": write_ident(new_ident())})
    assert line.status_code == 303
    assert "check in with me" in text_of(wren.get(line.headers["Location"]))
    assert robin.send(post_url(post_id, "check-in")).status_code == 404


def test_an_alias_asks_for_a_check_in_as_that_alias(world: World) -> None:
    group = world.group()
    wren, robin = world.person(group, name="Marsh Wren"), world.person(group, Role.MODERATOR)
    topic = world.topic(robin)
    post_id = sent_post(_send(wren, topic, DANGER, masked="yes"))
    line = wren.send(post_url(post_id, "check-in"), {"token": write_ident(new_ident())}).headers["Location"]
    world.settle()
    page = text_of(robin.get(line.partition("?")[0]))
    assert "check in with me" in page
    assert "Marsh Wren" not in page


@pytest.mark.parametrize(
    ("body", "says"),
    [(OWN, "a postcode"), (PHONE, "a phone number"), (OTHERS, "a street and house number")],
)
def test_l30_details_are_asked_about_before_anything_is_posted(world: World, body: str, says: str) -> None:
    group = world.group()
    wren = world.person(group)
    topic = world.topic(wren)
    answer = _send(wren, topic, body)
    page = text_of(answer)
    assert answer.status_code == 200
    assert says in page
    assert "Nothing is posted yet" in page
    with world.app.app_context():
        assert not rows(select(Post.id).where(Post.body == body))
    assert sent_post(_send(wren, topic, body, details="keep"))


def test_covered_details_are_posted_covered(world: World) -> None:
    group = world.group()
    wren = world.person(group)
    topic = world.topic(wren)
    post_id = sent_post(_send(wren, topic, PHONE, details="cover"))
    found = _post(world, post_id)
    assert found.body == "Ring me on […] if you are awake."
    assert found.state is PostState.SENDING
    assert [item for item in _items(world, post_id) if item.kind is not CaseKind.WELCOME] == []


def test_the_question_keeps_everything_that_the_form_said(world: World) -> None:
    group = world.group()
    wren = world.person(group)
    topic = world.topic(wren)
    page = _send(wren, topic, OWN, masked="yes", mark="listening", note="3", token="abc").get_data(as_text=True)
    for name, value in (("masked", "yes"), ("mark", "listening"), ("note", "3"), ("token", "abc")):
        assert f'name="{name}" value="{value}"' in page
    assert page.count('name="csrf_token"') >= 1
    assert page.count('name="body"') == 1


def test_a_topic_and_a_change_are_asked_about_too(world: World) -> None:
    group = world.group()
    wren = world.person(group)
    board = f"/b/{write_ident(group.board)}/write"
    form = {"title": "Near BN1 4GH", "body": "Hello.", "token": write_ident(new_ident())}
    assert "One question" in text_of(wren.send(board, form))
    post_id = sent_post(wren.send(board, {**form, "details": "cover"}))
    world.settle()
    assert "Near […]" in text_of(wren.get(post_url(post_id), follow_redirects=True))
    assert "One question" in text_of(wren.send(post_url(post_id, "edit"), {"body": PHONE}))
    assert wren.send(post_url(post_id, "edit"), {"body": "Other words."}).status_code == 303


def test_a_word_of_the_list_names_its_rule(world: World) -> None:
    group = world.group()
    world.configure(group, words="kcal # Say first if it may be hard to read")
    wren = world.person(group)
    topic = world.topic(wren)
    page = text_of(_send(wren, topic, "It had 300 kcal."))
    assert "1 word in it" in page
    assert "Say first if it may be hard to read" in page
    assert _post(world, sent_post(_send(wren, topic, "It had 300 kcal.", details="keep"))).state is PostState.HELD


def test_somebody_elses_details_are_folded_and_looked_at(world: World) -> None:
    group = world.group()
    wren, robin = world.person(group), world.person(group)
    topic = world.topic(robin)
    post_id = sent_post(_send(wren, topic, OTHERS, details="keep"))
    world.settle()
    found = _post(world, post_id)
    assert found.state is PostState.VISIBLE
    assert found.notes & Fold.PRIVACY
    (item,) = [item for item in _items(world, post_id) if item.kind is CaseKind.PRIVACY]
    assert (item.source, item.reasons) == (Source.DETECTOR, "others_details")


def test_a_sold_link_waits_as_spam(world: World) -> None:
    group = world.group()
    wren = world.person(group)
    post_id = sent_post(_send(wren, world.topic(wren), SHORT))
    assert _post(world, post_id).state is PostState.HELD
    assert CaseKind.SPAM in {item.kind for item in _items(world, post_id)}


def test_nobody_asks_about_a_cry_for_help(world: World) -> None:
    """What is in it may make it wait as in any post; no page stands between."""
    group = world.group()
    wren = world.person(group)
    assert _send(wren, world.topic(wren), f"{DANGER} I am at BN1 4GH.").status_code == 303


def test_no_detector_looks_at_a_draft(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    group = world.group()
    wren = world.person(group)
    topic = world.topic(wren)
    looked: list[str] = []
    for name in ("screen", "ask_about", "has_risk", "cover"):
        monkeypatch.setattr(f"moderation.screening.{name}", lambda body, *_more, **_kw: looked.append(body))
    kept = wren.send(f"{conversation_url(topic)}/posts", {"body": DANGER, "later": "yes", "draft": ""})
    assert kept.status_code == 303
    assert wren.send(f"{conversation_url(topic)}/draft", {"body": DANGER, "draft": ""}).status_code in (200, 303)
    assert looked == []


def test_what_is_kept_of_a_hit_is_the_name_of_its_rule(world: World) -> None:
    group = world.group()
    wren = world.person(group)
    post_id = sent_post(_send(wren, world.topic(wren), OTHERS, details="keep"))
    with world.app.app_context():
        hits = rows(select(DetectorHit.rule, DetectorHit.version))
        reasons = [r.reasons for r in rows(select(CaseItem.reasons))]
    assert [tuple(hit) for hit in hits] == [("address", "s2")]
    assert not re.search("larch|14", repr(reasons), re.I)
    assert post_id


def test_nobody_learns_from_an_item_whose_alias_it_is(world: World) -> None:
    """A moderator who wrote it under an alias, and one whom it names, find no trace of the item."""
    group = world.group()
    warden = world.person(group, Role.MODERATOR, name="Tall Warden")
    other = world.person(group, Role.MODERATOR, name="Grey Heron")
    topic = world.topic(world.person(group))
    _send(warden, topic, DANGER, masked="yes")
    world.settle()
    mine, theirs = (who.get(f"/g/{group.address}/team", follow_redirects=True) for who in (warden, other))
    assert (mine.status_code, theirs.status_code) == (200, 200)
    with world.app.app_context():
        (item,) = rows(select(CaseItem.id).where(CaseItem.kind == CaseKind.WELFARE))
    address = f"/cases/{write_ident(item.id)}"
    assert warden.get(address, follow_redirects=True).status_code == 404
    assert other.get(address, follow_redirects=True).status_code == 200


def test_m15_a_detector_alone_never_hides_or_restricts_anybody(world: World) -> None:
    """Labelled sentences are posted as they are: each is published, or waits by a rule of the group, and nothing else."""
    sentences = list_sentences()[::EVERY]
    group = world.group()
    world.configure(group, words="")
    wren = world.person(group)
    topic = world.topic(wren)
    for one in sentences:
        world.reply(wren, topic, one.text)
        world.moment.go(minutes=10)
    with world.app.app_context():
        posts = rows(select(Post.state, Post.notes).where(Post.conversation_id == topic))
        waiting = rows(select(CaseItem.reasons).where(CaseItem.kind.in_((CaseKind.HOLD, CaseKind.SPAM))))
        assert {post.state for post in posts} <= {PostState.VISIBLE, PostState.HELD}
        assert {code for item in waiting for code in item.reasons.split(",")} <= {"link", "phone", "sold", "others"}
        assert rows(select(Restriction)) == []
        assert rows(select(Decision)) == []
        assert sum(post.state is PostState.VISIBLE for post in posts) > len(sentences) * 3 // 4


def test_the_item_says_what_was_noticed_and_what_nobody_screened(world: World) -> None:
    group = world.group()
    wren, warden = world.person(group), world.person(group, Role.MODERATOR)
    topic = world.topic(wren)
    _send(wren, topic, DANGER)
    _send(wren, topic, "میرا نمبر ہے https://example.org آج دن کچھ بہتر تھا شکریہ", lang="ur")
    with world.app.app_context():
        items = rows(
            select(CaseItem.id, CaseItem.kind, CaseItem.screened).where(CaseItem.group_id == group.scope.group_id)
        )
    pages = {one.kind: text_of(warden.get(f"/cases/{write_ident(one.id)}", follow_redirects=True)) for one in items}
    assert "words that sound like danger" in pages[CaseKind.WELFARE]
    assert "Not screened" not in pages[CaseKind.WELFARE]
    assert "Not screened" in pages[CaseKind.HOLD]


@pytest.mark.parametrize("body", [DANGER, OTHERS])
def test_l24_an_item_about_words_under_an_alias_leads_to_nobody(world: World, inside: object, body: str) -> None:
    group = world.group()
    wren, robin = world.person(group), world.person(group)
    topic = world.topic(robin)
    with listening() as told:
        usecases.submit_post(wren.actor, topic, Words(body, masked=True), "one form")
    assert told.written_tables() >= {"case_item", "case_not_for", "detector_hit"}
    for statement, values in told.statements:
        assert not leads_to(values, wren.persona_id, wren.account_id or b""), statement


@given(st.text(alphabet=st.characters(max_codepoint=0x2FF), max_size=80))
def test_words_are_the_same_whichever_way_they_are_found(text: str) -> None:
    assert words_in(text) == re.findall(r"[^\W_]+", text)
    assert letters_in(text) == re.findall(r"[^\W\d_]+", text)


@given(st.text(alphabet=" .,dotaw@/(t<1four\n", max_size=40))
def test_what_is_looked_for_first_never_hides_what_there_is(text: str) -> None:
    assert contacts.has_link(text) == bool(contacts._LINK.search(contacts._EMAIL.sub(" ", text)))
    assert contacts.has_email(text) == bool(contacts._EMAIL.search(text))


@given(st.text(alphabet="07 o4i,.-+", max_size=24), st.sampled_from(["", "call ", "oh seven ", "double seven "]))
def test_fewer_figures_are_no_number(text: str, before: str) -> None:
    said = f"{before}{text}"
    assert contacts.has_phone(said, ()) == contacts._finds_number(said, frozenset())
