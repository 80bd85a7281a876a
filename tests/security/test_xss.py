"""S11 and T14: whatever somebody types, another reader's browser finds letters in it and nothing to run."""

import re

import pytest

from forum.models import Role
from tests.forum.base.xss_corpus import PAYLOADS
from tests.security.crawl import Parsed, parse
from tests.security.scene import case_of
from tests.world import Person, World, conversation_url, post_url, sent_post

pytestmark = pytest.mark.pages

#: Tags that run, fetch or fake something; our own pages have one script and no picture.
NEVER = {"iframe", "object", "embed", "svg", "math", "img", "video", "audio", "base", "applet", "style", "frameset",
         "frame", "marquee", "template", "xmp", "plaintext", "noscript", "source", "track", "dialog", "x"}  # fmt: skip
SCHEMES = ("https://", "http://", "/", "tel:", "sms:", "#", "data:image/svg")


def dangers(page: Parsed) -> list[str]:
    """What a browser could be made to do by this page, beyond what our own layout asks of it."""
    found = [f"<{tag}>" for tag, _ in page.tags if tag in NEVER]
    for tag, attributes in page.tags:
        found += [f"{tag} {name}" for name in attributes if name.startswith("on") or name in ("style", "srcdoc")]
        if tag == "script" and not re.fullmatch(r"/static/dist/[a-z.-]+-[0-9a-f]+\.js", attributes.get("src", "")):
            found.append("script")
        if tag == "meta" and "http-equiv" in attributes:
            found.append("meta http-equiv")
    for tag, address, _ in page.addresses():
        plain = re.sub(r"[\x00-\x20]", "", address).lower()
        if address and not plain.startswith(SCHEMES):
            found.append(f"{tag} {address}")
    return found


def check(person: Person, path: str) -> None:
    answer = person.get(path)
    assert answer.status_code == 200, path
    assert dangers(parse(answer.get_data(as_text=True))) == [], path


def test_sec_s11_no_corpus_text_runs_in_a_readers_or_a_moderators_page(world: World) -> None:
    group = world.group()
    author, reader, moderator = world.person(group), world.person(group), world.person(group, Role.MODERATOR)
    topic = world.topic(author)
    taken, held = 0, 0
    for n, payload in enumerate(PAYLOADS):
        form = {"body": payload + "\n\nafter", "token": f"{n:026d}", "details": "keep"}
        answer = author.send(f"{conversation_url(topic)}/posts", form)
        if answer.status_code != 303:
            assert answer.status_code == 422
            assert dangers(parse(answer.get_data(as_text=True))) == [], payload
            continue
        taken += 1
        post = sent_post(answer)
        world.settle()
        if reader.get(post_url(post, "more")).status_code == 404:
            held += 1
            with world.app.app_context():
                case = case_of(world, post)
            with world.app.test_request_context():
                check(moderator, world.app.url_map.bind("localhost").build("items.show", {"item_id": case}))
        elif n % 5 == 0:
            check(reader, f"{conversation_url(topic)}?answers={post_url(post).removeprefix('/p/')}")
    assert taken > 150
    assert held > 10
    for page in range(1, taken // 20 + 2):
        check(reader, f"{conversation_url(topic)}?page={page}")
    check(moderator, f"/g/{group.address}/team")


def test_sec_s11_titles_and_names_are_letters_too(world: World) -> None:
    group = world.group()
    author, reader = world.person(group), world.person(group)
    board = author.get(f"/g/{group.address}/start").headers["Location"]
    named = 0
    for n, payload in enumerate(PAYLOADS):
        form = {"title": payload[:120], "body": "Plain words.", "token": f"{n:026d}", "details": "keep"}
        answer = author.send(board, form)
        assert answer.status_code in (303, 422), payload
        if answer.status_code == 422:
            assert dangers(parse(answer.get_data(as_text=True))) == [], payload
        renamed = author.send(f"/g/{group.address}/rename", {"own_name": payload})
        assert dangers(parse(renamed.get_data(as_text=True))) == [], payload
        named += renamed.status_code == 303
        if n % 5 == 0:
            author.send("/devices/name", {"name": payload})
            check(author, "/devices")
    world.settle()
    seen = reader.get(board.removesuffix("/write"))
    assert dangers(parse(seen.get_data(as_text=True))) == []
    assert named < 5, "names with brackets, slashes or quotes are refused"


@pytest.mark.parametrize("payload", ["javascript:alert(1)", "//evil.example", "https://evil.example", "/\\evil.example",
                                     '"><script>alert(1)</script>', "data:text/html,x"])  # fmt: skip
def test_sec_s11_an_address_to_go_on_to_is_ours_or_none(world: World, payload: str) -> None:
    visitor = world.visitor()
    page = visitor.get("/sign-in", query_string={"next": payload})
    assert dangers(parse(page.get_data(as_text=True))) == []
    kept = visitor.send("/language", {"language": "en", "next": payload})
    assert kept.headers["Location"].startswith("/")
    assert not kept.headers["Location"].startswith("//")
    assert "evil" not in kept.headers["Location"]


def test_the_check_notices_what_it_should() -> None:
    bad = '<p onclick=x><a href=" jAvascript:x">x</a><svg></svg><script>1</script><div style="x"></div>'
    assert len(dangers(parse(bad))) == 5
    good = '<a href="https://example.org">x</a><script src="/static/dist/app-0a1b.js"></script>'
    assert dangers(parse(good)) == []
