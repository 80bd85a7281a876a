"""Words kept for later: for their writer alone, on any device, gone once they are posted, sealed in the database."""

import json
import re
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import select

from forum.base import tagged
from forum.base.db import rows
from forum.base.idents import write_ident, write_post_id
from forum.base.transaction import transaction
from forum.conversations import drafts
from forum.conversations.drafts import BLOCK, Kept
from forum.leaving import steps
from forum.models import Draft, Role
from tests.world import World, conversation_url


def version_in(page: str) -> str:
    """The version of kept words that a form went on with."""
    found = re.search(r'name="draft" value="([^"]*)"', page)
    assert found
    return found[1]


def test_a_kept_reply_is_there_again_and_nobody_else_sees_it(world: World) -> None:
    group = world.group()
    wren, heron = world.person(group), world.person(group)
    topic = world.topic(wren)
    url = conversation_url(topic)
    answer = heron.send(f"{url}/posts", {"body": "canary, not finished", "later": "yes", "token": "t"})

    assert answer.status_code == 303
    assert "canary, not finished" in heron.get(url).get_data(as_text=True)
    assert "canary" not in wren.get(url).get_data(as_text=True)
    heron.send(f"{url}/posts", {"body": "Finished now.", "token": "t"})
    assert "canary" not in heron.get(url).get_data(as_text=True)
    with world.app.app_context():
        assert rows(select(Draft.tag)) == []


def test_a_kept_topic_comes_back_with_its_title(world: World) -> None:
    group = world.group()
    wren = world.person(group)
    form = f"/b/{write_ident(group.board)}/write"
    wren.send(form, {"title": "Half a title", "body": "Half a thought", "later": "yes"})
    page = wren.get(form).get_data(as_text=True)
    assert "Half a title" in page
    assert "Half a thought" in page
    wren.send(form, {"title": "", "body": "", "later": "yes", "draft": version_in(page)})
    assert "Half a thought" not in wren.get(form).get_data(as_text=True)


def test_a_name_meant_to_be_hidden_stays_so_while_words_are_kept(world: World) -> None:
    """Whoever comes back to their words and presses Post must not be named because the form forgot."""
    group = world.group()
    wren = world.person(group)
    url, form = conversation_url(world.topic(wren)), f"/b/{write_ident(group.board)}/write"
    hidden = re.compile(r'value="yes"[^>]* checked')
    wren.send(f"{url}/posts", {"body": "Half", "masked": "yes", "lang": "cy", "later": "yes"})
    page = wren.get(url).get_data(as_text=True)
    assert hidden.search(page)
    assert 'value="cy" lang="cy" selected' in page
    assert "only you see them" in page
    wren.send(form, {"title": "Half", "body": "a thought", "masked": "yes", "later": "yes"})
    assert hidden.search(wren.get(form).get_data(as_text=True))


def test_kept_words_still_answer_the_post_they_answered_unless_it_is_gone(world: World) -> None:
    group = world.group()
    wren, heron = world.person(group), world.person(group)
    topic = world.topic(wren)
    url = conversation_url(topic)
    answered = write_post_id(world.reply(wren, topic, "A question."))
    heron.send(f"{url}/posts", {"body": "Half an answer", "answers": answered, "later": "yes"})
    field = f'name="answers" value="{answered}"'
    assert field in heron.get(url).get_data(as_text=True)
    assert field not in heron.get(f"{url}?answers=").get_data(as_text=True)
    wren.send(f"/p/{answered}/withdraw", {})
    page = heron.get(url)
    assert page.status_code == 200
    assert "Half an answer" in page.get_data(as_text=True)


def test_l25_a_draft_tells_a_thief_neither_whose_nor_what(world: World) -> None:
    group = world.group()
    wren, heron = world.person(group), world.person(group)
    topic = world.topic(wren)
    for person, words in ((wren, "a"), (heron, "canary " * 20)):
        person.send(f"{conversation_url(topic)}/posts", {"body": words, "later": "yes"})
    with world.app.app_context():
        kept = rows(select(Draft.tag, Draft.sealed, Draft.key_id))
    assert len(kept) == 2
    assert len({len(r.sealed) for r in kept}) == 1, "their sizes differ"
    whole = repr(kept)
    for person in (wren, heron):
        assert person.account_id
        assert repr(person.persona_id)[2:-1] not in whole
        assert repr(person.account_id)[2:-1] not in whole
    assert "canary" not in whole


def test_a_draft_as_long_as_a_post_may_be_is_kept_to_the_letter(world: World) -> None:
    group = world.group()
    wren = world.person(group)
    topic = world.topic(wren)
    words = ("میں " * 5_000)[:20_000]
    form = {"body": words, "later": "yes"}
    wren.send(f"{conversation_url(topic)}/posts", form, content_type="multipart/form-data")
    assert words.strip() in wren.get(conversation_url(topic)).get_data(as_text=True)
    with world.app.app_context():
        sealed = rows(select(Draft.sealed))[0].sealed
    assert len(sealed) > len(json.dumps([words, ""], ensure_ascii=False).encode())
    assert BLOCK == 1_024


AS_A_SCRIPT = {"headers": {"Accept": "application/json"}, "content_type": "multipart/form-data"}


def test_need_43_words_are_saved_while_they_are_written_and_come_back_on_another_device(world: World) -> None:
    group = world.group()
    wren, heron = world.person(group), world.person(group)
    url, form = conversation_url(world.topic(heron)), f"/b/{write_ident(group.board)}"
    for address, back in ((url, url), (form, f"{form}/write")):
        words = {"body": "A long night, not finished", "masked": "yes", "page": "phone", "token": "t"}
        assert wren.send(f"{address}/draft", words, **AS_A_SCRIPT).status_code == 204
        elsewhere = world.signed_in_again(wren).get(back).get_data(as_text=True)
        assert "A long night, not finished" in elsewhere
        assert re.search(r'value="yes"[^>]* checked', elsewhere), "a name meant to be hidden is hidden here, too"
        assert 'name="token" value="t"' in elsewhere, "sent from both it would be two posts"
        assert "A long night" not in heron.get(back).get_data(as_text=True)


def test_need_43_a_change_that_is_not_posted_yet_comes_back(world: World) -> None:
    group = world.group()
    wren, heron = world.person(group), world.person(group)
    topic = world.topic(wren)
    post = f"/p/{write_post_id(world.reply(wren, topic, 'As it was.'))}"
    assert wren.send(f"{post}/draft", {"body": "As it may become.", "page": "a"}, **AS_A_SCRIPT).status_code == 204
    assert heron.send(f"{post}/draft", {"body": "As it may become."}, **AS_A_SCRIPT).status_code == 403
    page = wren.get(f"{post}/edit").get_data(as_text=True)
    assert "As it may become." in page
    assert "As it may become." not in heron.get(conversation_url(topic)).get_data(as_text=True)
    wren.send(f"{post}/edit", {"body": "As it is now.", "draft": version_in(page)})
    assert "As it may become." not in wren.get(f"{post}/edit").get_data(as_text=True)


def test_need_43_two_devices_keep_both_texts_and_neither_is_overwritten(world: World) -> None:
    group = world.group()
    wren = world.person(group)
    url = conversation_url(world.topic(wren))

    def save(page: str, body: str, begun: str = "") -> int:
        return wren.send(f"{url}/draft", {"body": body, "page": page, "draft": begun}, **AS_A_SCRIPT).status_code

    assert save("phone", "From the phone") == 204
    assert save("desk", "From the desk") == 200, "the second is told of the first"
    assert save("phone", "From the phone, longer") == 200
    page = wren.get(url).get_data(as_text=True)
    assert page.index("From the phone, longer") < page.index("From the desk"), "the newest stands in the box"
    other = wren.get(f"{url}?draft=desk").get_data(as_text=True)
    assert other.index("From the desk") < other.index("From the phone, longer")
    assert save("tablet", "From the desk, gone on with", begun="desk") == 200
    assert save("desk", "The desk was open all the time") == 200
    late = wren.send(f"{url}/draft", {"body": "A fourth", "page": "fourth"}, **AS_A_SCRIPT)
    assert late.status_code == 422
    assert "no room" in late.get_json()["error"]
    kept = wren.get(url).get_data(as_text=True)
    assert all(words in kept for words in ("phone, longer", "gone on with", "open all the time"))


def test_need_43_posting_one_text_leaves_the_other_devices_text(world: World) -> None:
    group = world.group()
    wren = world.person(group)
    url = conversation_url(world.topic(wren))
    for name in ("phone", "desk"):
        wren.send(f"{url}/draft", {"body": f"From the {name}", "page": name, "token": name}, **AS_A_SCRIPT)
    wren.send(f"{url}/posts", {"body": "From the desk", "draft": "desk", "token": "desk"})
    world.settle()
    page = wren.get(url).get_data(as_text=True)
    assert "From the phone</textarea>" in page
    assert page.count("From the desk") == 1, "posted, and not kept any more"


def test_j8_words_that_were_posted_are_not_kept_again_by_a_late_save(world: World) -> None:
    group = world.group()
    wren = world.person(group)
    url = conversation_url(world.topic(wren))
    words = {"body": "Only once\r\n", "token": "same", "page": "phone"}
    wren.send(f"{url}/posts", words)
    late = wren.send(f"{url}/draft", words, **AS_A_SCRIPT)
    assert late.get_json() == {"sent": True}
    more = wren.send(f"{url}/draft", {**words, "body": "Only once, and more"}, **AS_A_SCRIPT)
    assert more.status_code == 204
    with world.app.app_context():
        assert len(rows(select(Draft.tag))) == 1


def test_words_are_thrown_away_by_a_button_and_can_be_had_back(world: World) -> None:
    group = world.group()
    wren = world.person(group)
    url = conversation_url(world.topic(wren))
    wren.send(f"{url}/posts", {"body": "Better not", "later": "yes"})
    version = version_in(wren.get(url).get_data(as_text=True))
    gone = wren.send(f"{url}/draft", {"body": "Better not", "draft": version, "discard": "yes"})
    assert "Better not" in gone.get_data(as_text=True), "shown once more: the tap may have been a slip"
    assert "Better not" not in wren.get(url).get_data(as_text=True)
    wren.send(f"{url}/draft", {"body": "Better not"})
    assert "Better not" in wren.get(url).get_data(as_text=True)


def test_who_is_not_here_keeps_nothing_here(world: World) -> None:
    group = world.group()
    wren, stranger = world.person(group), world.person(world.group())
    url, form = conversation_url(world.topic(wren)), f"/b/{write_ident(group.board)}"
    for address in (url, form):
        assert stranger.send(f"{address}/draft", {"body": "Mine"}, **AS_A_SCRIPT).status_code == 404
        visitor = world.visitor()
        visitor.get("/sign-in")
        assert visitor.send(f"{address}/draft", {"body": "Mine"}, **AS_A_SCRIPT).status_code == 401
        assert wren.send(f"{address}/draft", {"body": "Mine"}, **AS_A_SCRIPT).status_code == 204
    with world.app.app_context():
        assert len(rows(select(Draft.tag))) == 2


def test_a_draft_of_the_first_program_is_read(world: World) -> None:
    group = world.group()
    wren = world.person(group)
    topic = world.topic(wren)
    with world.app.app_context():
        scope, ids = group.scope, (wren.persona_id, topic)
        with transaction():
            tagged.keep(Draft, scope, drafts.KIND, ids, b'["Old words", "", true, "cy", null]  ')
        found = drafts.find_draft(wren.actor, scope.group_id, topic)
        assert found == Kept("Old words", masked=True, lang="cy", page="before")
    url = conversation_url(topic)
    wren.send(f"{url}/draft", {"body": "New words", "page": "desk"}, **AS_A_SCRIPT)
    page = wren.get(url).get_data(as_text=True)
    assert "Old words" in page
    assert "New words" in page
    wren.send(f"{url}/draft", {"body": "Old words, longer", "page": "phone", "draft": "before"}, **AS_A_SCRIPT)
    assert "Old words</p>" not in wren.get(url).get_data(as_text=True)


def test_the_form_opens_on_the_board_where_words_are_kept(world: World) -> None:
    group = world.group(boards=("Say hello", "Hard nights"))
    wren = world.person(group)
    first, second = map(write_ident, group.boards)
    assert wren.get(f"/g/{group.address}/start").headers["Location"] == f"/b/{first}/write"
    wren.send(f"/b/{second}/draft", {"title": "Half", "board": first, "page": "a"}, **AS_A_SCRIPT)
    assert wren.get(f"/g/{group.address}/start").headers["Location"] == f"/b/{second}/write"
    page = wren.get(f"/b/{second}/write").get_data(as_text=True)
    assert re.search(rf'value="{first}"[^>]* selected', page), "the board they had chosen"


def test_first_words_of_several_pages_at_once_are_all_kept(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither page finds a row to wait for, and none may write over the words of the other."""
    group = world.group()
    wren = world.person(group)
    topic, pages = world.topic(wren), ["one", "two", "three"]
    ready, find, pauses = threading.Barrier(len(pages)), tagged.find, iter([0, 0.2, 0.4, 0, 0, 0])

    def thinking(*asked: Any, **how: Any) -> bytes | None:
        found = find(*asked, **how)
        time.sleep(next(pauses))  # the later has looked before the earlier wrote, and writes after it
        return found

    def keep(page: str) -> None:
        with world.app.app_context():
            actor = wren.actor
            ready.wait()
            drafts.keep_draft(actor, group.scope.group_id, topic, Kept(body=f"Words of page {page}", page=page))

    monkeypatch.setattr(tagged, "find", thinking)
    with ThreadPoolExecutor(len(pages)) as pool:
        list(pool.map(keep, pages))
    with world.app.app_context():
        kept = drafts.find_draft(wren.actor, group.scope.group_id, topic)
    assert kept
    assert {one.page for one in (kept, *kept.others)} == set(pages)


# --- Words to the team -------------------------------------------------------------------------------------------

JSON = {"headers": {"Accept": "application/json"}}


def test_need_43_words_to_the_team_save_themselves_and_come_back_until_they_are_sent(world: World) -> None:
    """Nobody finds it easy to write to the team: what they began is there again on their next device."""
    group = world.group()
    wren = world.person(group)
    page = f"/g/{group.address}/ask"
    assert f'data-draft="{page}/draft"' in wren.get(page).text
    kept = wren.send(f"{page}/draft", {"body": "A canary, half a question", "page": "p1", "draft": ""}, **JSON)
    assert kept.status_code == 204
    other = world.signed_in_again(wren)
    again = other.get(page).text
    assert "A canary, half a question" in again
    sent = other.send(page, {"body": "A whole question.", "token": "t" * 26, "draft": version_in(again)})
    assert sent.status_code == 303
    line = sent.headers["Location"].split("?")[0]
    assert "canary" not in other.get(line).text
    late = wren.send(f"{page}/draft", {"body": "A whole question.", "page": "p1", "token": "t" * 26}, **JSON)
    assert late.get_json() == {"sent": True}
    assert "A whole question." not in version_in(other.get(line).text)
    with world.app.app_context():
        assert rows(select(Draft.tag)) == []


def test_need_43_an_answer_of_the_team_is_kept_for_who_writes_it_alone(world: World) -> None:
    group = world.group()
    wren = world.person(group)
    robin, owl = world.person(group, Role.MODERATOR), world.person(group, Role.MODERATOR)
    sent = wren.send(f"/g/{group.address}/ask", {"body": "A question.", "token": "t" * 26})
    line = sent.headers["Location"].split("?")[0]
    world.settle()
    robin.send(f"{line}/draft", {"body": "A canary of the team", "page": "p1", "draft": ""}, **JSON)
    wren.send(f"{line}/draft", {"body": "A canary of mine", "page": "p2", "draft": ""}, **JSON)
    assert "A canary of the team" in robin.get(line).text
    assert "A canary of mine" in wren.get(line).text
    assert "canary" not in owl.get(line).text
    thrown = robin.send(f"{line}/draft", {"body": "A canary of the team", "discard": "yes"})
    assert "thrown away" in thrown.text
    assert "canary" not in robin.get(line).text


def test_l25_words_to_the_team_under_an_alias_and_a_name_are_kept_apart(world: World) -> None:
    group = world.group()
    wren = world.person(group)
    post = world.reply(wren, world.topic(wren), "Hidden.", masked=True)
    hidden = f"/p/{write_post_id(post)}/ask"
    wren.send(f"{hidden}/draft", {"body": "A canary under an alias", "page": "p1", "draft": ""}, **JSON)
    assert "canary" in wren.get(hidden).text
    assert "canary" not in wren.get(f"/g/{group.address}/ask").text


def test_words_to_the_team_stand_under_my_things_and_go_with_their_writer(world: World) -> None:
    group = world.group()
    wren, _owl = world.person(group), world.person(group, Role.FACILITATOR)
    post = world.reply(wren, world.topic(wren), "Hidden.", masked=True)
    for page in (f"/g/{group.address}/ask", f"/p/{write_post_id(post)}/ask"):
        wren.send(f"{page}/draft", {"body": "A canary to the team", "page": "p1", "draft": ""}, **JSON)
    assert "A canary to the team" in wren.get(f"/g/{group.address}/mine").text
    with world.app.app_context():
        assert len(rows(select(Draft.tag))) == 2
        with transaction():
            steps.forget_persona(group.scope, wren.persona_id)
        assert rows(select(Draft.tag)) == []
