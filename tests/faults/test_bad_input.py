"""What browsers and scripts can send: a clear answer in bounded time, and nobody's words lost."""

import time
from collections.abc import Callable
from html import unescape
from urllib.parse import quote_plus

import pytest
from sqlalchemy import select
from werkzeug.test import TestResponse

from forum.base.db import rows
from forum.base.idents import write_ident
from forum.base.text import MAX_BODY
from forum.conversations.prepare import MOST_TITLE
from forum.models import Conversation, Post
from forum.web import limits, sessions
from tests.faults.conftest import now_live
from tests.faults.site import FORM, Site, ask, kept_words
from tests.faults.writers import settle_in
from tests.world import BASE, Person, World, conversation_url, post_url, text_of

#: Alone on two cores the slowest of these takes 0.3 s; machines under test are busy.
BOUNDED_S = 5.0

Place = Callable[[World, Person], str]


def replying(world: World, person: Person) -> str:
    return f"{conversation_url(world.topic(person))}/posts"


def opening(_world: World, person: Person) -> str:
    assert person.group
    return f"/b/{write_ident(person.group.board)}/write"


def editing(world: World, person: Person) -> str:
    return post_url(world.reply(person, world.topic(person), "As it was."), "edit")


WORDY: dict[str, Place] = {"reply": replying, "topic": opening, "edit": editing}


@pytest.fixture(params=WORDY)
def place(request: pytest.FixtureRequest) -> Place:
    """Each form that carries words."""
    return WORDY[request.param]


@pytest.fixture
def wren(world: World) -> Person:
    """A member."""
    return world.person(world.group())


def kept(answer: TestResponse) -> str:
    """The words as the answer gives them back."""
    return kept_words(answer.get_data(as_text=True))


def bodies(world: World) -> set[str]:
    with world.app.app_context():
        return {r.body for r in rows(select(Post.body))}


MULTIPART = "multipart/form-data; boundary=x"


def raw(person: Person, path: str, body: bytes, kind: str) -> TestResponse:
    """A request made by hand, with a valid form token in its header."""
    headers = {"X-CSRF-Token": person.form_token()}
    return person.client.post(path, data=body, content_type=kind, headers=headers, base_url=BASE)


def multipart(**fields: bytes) -> bytes:
    parts = [
        b'--x\r\nContent-Disposition: form-data; name="%s"\r\n\r\n%s\r\n' % (k.encode(), v) for k, v in fields.items()
    ]
    return b"".join(parts) + b"--x--\r\n"


# --- Too long ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("letter", ["a", "ظ", "語", "🌧"], ids=["1 byte", "2 bytes", "3 bytes", "4 bytes"])
def test_sec_s12_the_longest_text_is_taken_in_every_script(
    world: World, wren: Person, place: Place, letter: str
) -> None:
    words = letter * MAX_BODY
    answer = wren.send(place(world, wren), {"title": "A title", "body": words, "token": "t"})
    assert answer.status_code == 303
    assert words in bodies(world)


@pytest.mark.parametrize("letter", ["a", "🌧"])
@pytest.mark.parametrize("longer", [1, 3 * MAX_BODY + 1])
def test_sec_s12_a_text_too_long_comes_back_whole(
    world: World, wren: Person, place: Place, letter: str, longer: int
) -> None:
    words = letter * (MAX_BODY + longer)
    answer = wren.send(place(world, wren), {"title": "A title", "body": words, "token": "t"})
    assert answer.status_code == 422
    assert kept(answer) == words
    assert f"{MAX_BODY} characters" in text_of(answer)
    assert words not in bodies(world)


@pytest.mark.parametrize(("kind", "letters"), [(MULTIPART, 1_000_000), (FORM, 300_000)])
def test_sec_s12_a_megabyte_of_brackets_comes_back_at_once(
    world: World, wren: Person, place: Place, kind: str, letters: int
) -> None:
    """The parser would take hours over it. Encoded, as our forms never send it, each of them is three bytes."""
    words, path = "[" * letters, place(world, wren)
    if kind == FORM:
        body = b"title=A+title&token=t&body=" + quote_plus(words).encode()
    else:
        body = multipart(title=b"A title", token=b"t", body=words.encode())
    began = time.monotonic()
    answer = raw(wren, path, body, kind)
    assert time.monotonic() - began < BOUNDED_S
    assert answer.status_code == 422
    assert kept(answer) == words


@pytest.mark.parametrize("kind", [MULTIPART, FORM])
def test_sec_s12_more_than_anybody_writes_is_refused_in_plain_words(
    world: World, wren: Person, place: Place, kind: str
) -> None:
    most = limits.MOST_WORDS_BYTES if kind == MULTIPART else limits.MOST_ENCODED_BYTES
    answer = raw(wren, place(world, wren), b"body=" + b"a" * most, kind)
    assert answer.status_code == 413
    assert "in two parts" in text_of(answer)


@pytest.mark.parametrize("length", [MOST_TITLE, MOST_TITLE + 1])
def test_sec_s12_a_title_too_long_comes_back_with_the_words(world: World, wren: Person, length: int) -> None:
    answer = wren.send(opening(world, wren), {"title": "t" * length, "body": "Words I wrote.", "token": "t"})
    if length == MOST_TITLE:
        assert answer.status_code == 303
        return
    assert answer.status_code == 422
    assert kept(answer) == "Words I wrote."
    assert "t" * length in unescape(answer.get_data(as_text=True))


def test_sec_s12_few_long_texts_at_once_and_every_place_is_given_back(world: World, wren: Person) -> None:
    """Each takes memory until it is answered. Past the limit somebody is told to wait, and short texts go on."""
    path, long_text = replying(world, wren), "a" * limits.MOST_REQUEST_BYTES
    for _n in range(limits.MOST_LONG_FORMS + 1):
        assert wren.send(path, {"body": long_text, "token": "t"}).status_code == 422
        assert wren.send(path, {"body": long_text * 100, "token": "t"}).status_code == 413
    taken = [limits._places.acquire(blocking=False) for _n in range(limits.MOST_LONG_FORMS)]
    try:
        assert all(taken)
        answer = wren.send(path, {"body": long_text, "token": "t"})
        assert wren.send(path, {"body": "Short.", "token": "t"}).status_code == 303
    finally:
        for _place in taken:
            limits._places.release()
    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) > 0
    assert "Go back" in text_of(answer)


@pytest.mark.parametrize("path", ["/sign-in", "/language"])
def test_sec_s12_other_forms_stay_small(world: World, wren: Person, path: str) -> None:
    answer = wren.send(path, {"next": "a" * limits.MOST_REQUEST_BYTES})
    assert answer.status_code == 413


def test_sec_s12_a_strangers_long_text_is_refused_unread(world: World, wren: Person, place: Place) -> None:
    path, stranger = place(world, wren), world.visitor()
    stranger.client.set_cookie(sessions.COOKIE, "A" * 22, domain="localhost", secure=True)
    answer = stranger.send(path, {"body": "a" * limits.MOST_REQUEST_BYTES, "token": "t"})
    assert answer.status_code in (401, 413)
    assert "aaaa" not in answer.get_data(as_text=True)


# --- Malformed ---------------------------------------------------------------------------------------------------


MALFORMED = {
    "wrong content type": (b"body=Hello&token=t", "text/plain"),
    "no content type": (b"body=Hello&token=t", ""),
    "JSON": (b'{"body": "Hello"}', "application/json"),
    "multipart without its mark": (b"body=Hello", "multipart/form-data"),
    "multipart cut short": (b'--x\r\nContent-Disposition: form-data; name="body"\r\n\r\nHel', MULTIPART),
    "multipart of another mark": (b"--y\r\n\r\n--y--", MULTIPART),
    "a hundred and one parts": (
        b"".join(b'--x\r\nContent-Disposition: form-data; name="f%d"\r\n\r\n1\r\n' % n for n in range(101)) + b"--x--",
        MULTIPART,
    ),
    "not UTF-8 in its name": (b"\xff\xfe=1&%FF=%FE", FORM),
    "nothing": (b"", FORM),
    "only signs": (b"&&==&=;%", FORM),
    "thousands of fields": (b"a=1&" * 15_000, FORM),
}  # fmt: skip


@pytest.mark.parametrize("name", MALFORMED)
def test_a_malformed_form_gets_a_clear_answer(world: World, wren: Person, place: Place, name: str) -> None:
    body, kind = MALFORMED[name]
    before = bodies(world) | {"Hello from me.", "As it was."}
    answer = raw(wren, place(world, wren), body, kind)
    assert answer.status_code in (400, 413, 422), answer.status_code
    assert "<h1" in answer.get_data(as_text=True)
    assert bodies(world) <= before


def test_of_a_field_sent_twice_the_first_counts(world: World, wren: Person) -> None:
    path = replying(world, wren)
    assert raw(wren, path, b"body=First&body=Second&token=t&token=u", FORM).status_code == 303
    assert "First" in bodies(world)
    assert "Second" not in bodies(world)


#: Bytes as a script may send them, and as they are kept; None if there is nothing to read in them.
ODD: dict[str, tuple[bytes, str | None]] = {
    "NUL": (b"be\0fore", "before"),
    "only NUL": (b"\0\0", None),
    "half a character": (b"a\xed\xa0\x80b", "a\ufffd\ufffd\ufffdb"),
    "broken UTF-8": (b"a\xc3(b", "a\ufffd(b"),
    "not a character": ("a\uffffb".encode(), "ab"),
    "text that runs backwards": ("a\u202eb".encode(), "ab"),
    "an unclosed direction": ("\u2067a".encode(), "a"),
    "a hundred marks on a letter": (("e" + "\u0316" * 100).encode(), "e" + "\u0316" * 6),
    "only blank": (" \u00a0\u3000\u200b\n".encode(), None),
    "a line ending of each kind": ("a\r\nb\rc\u2028d".encode(), "a\nb\nc\nd"),
    "beyond the first plane": ("𝔞🏴󠁧󠁢󠁷󠁬󠁳󠁿👩‍👧".encode(), "𝔞🏴󠁧󠁢󠁷󠁬󠁳󠁿👩‍👧"),
}


@pytest.mark.parametrize("encoded", [False, True])
@pytest.mark.parametrize("name", ODD)
def test_r19_odd_characters_are_kept_as_they_can_be(
    world: World, wren: Person, place: Place, name: str, encoded: bool
) -> None:
    typed, wanted = ODD[name]
    path = place(world, wren)
    if encoded:  # where percent signs spell no character they stay, for they may be what somebody typed
        answer = raw(wren, path, b"title=A+title&token=t&body=" + quote_plus(typed).encode(), FORM)
        wanted = {"half a character": "a%ED%A0%80b", "broken UTF-8": "a%C3(b"}.get(name, wanted)
    else:
        body = multipart(title=b"A title", token=b"t", body=typed)
        answer = raw(wren, path, body, MULTIPART)
    assert answer.status_code == (303 if wanted else 422), answer.get_data(as_text=True)
    assert wanted is None or wanted in bodies(world)


@pytest.mark.parametrize("typed", [b"a%00b+c", b"%ED%A0%80+title", quote_plus("\u202etitle").encode()])
def test_r19_odd_titles_are_kept_or_asked_for_again(world: World, wren: Person, typed: bytes) -> None:
    answer = raw(wren, opening(world, wren), b"body=Words&token=t&title=" + typed, FORM)
    assert answer.status_code == 303
    with world.app.app_context():
        titles = [r.title for r in rows(select(Conversation.title))]
    assert titles
    assert not set("".join(titles)) & {"\0", "\u202e"}


ODD_FIELDS = {
    "lang": ["\0", "x" * 36, "en\0", "-", "'; --", "語"],
    "token": ["\0", "x" * 10_000, "語" * 40],
    "answers": ["\0", "aaaaaaaaaaaa", "77777777777a", "-1", "語"],
    "masked": ["\0", "YES", "no"],
    "seq": ["²", "-1", "1e9", "99999999999999999999", "\0", "٣"],
    "board": ["\0", "a" * 26, "語"],
}


@pytest.mark.parametrize("field", ODD_FIELDS)
def test_r19_odd_values_of_other_fields_break_nothing(world: World, wren: Person, field: str) -> None:
    topic = world.topic(wren)
    paths = {"seq": f"{conversation_url(topic)}/read", "board": opening(world, wren)}
    path = paths.get(field, f"{conversation_url(topic)}/posts")
    for n, value in enumerate(ODD_FIELDS[field]):
        form = {"title": "A title", "body": f"Words {n}", "token": f"t{n}", field: value}
        answer = wren.send(path, form)
        assert answer.status_code in (303, 404), (field, value, answer.status_code)
    edit = post_url(world.reply(wren, topic), "edit")
    for value in ODD_FIELDS["lang"]:
        assert wren.send(edit, {"body": f"Now {value!r}", "lang": value}).status_code == 303


@pytest.mark.parametrize("value", ["\0", "a\0b", "\ufffe", "x" * 5_000, "\u202e", "語" * 41, "   "])
def test_r19_odd_names_of_devices_break_nothing(wren: Person, value: str) -> None:
    assert wren.send("/devices/name", {"name": value}).status_code == 303
    assert wren.send("/devices/end", {"ref": value}).status_code in (303, 404)


@pytest.mark.parametrize(
    "value", ["//elsewhere.example", "/\\elsewhere", "/\t/elsewhere.example", "/a\r\nX-Y: z", "/\0", "語"]
)
def test_r19_an_odd_way_onward_stays_here(wren: Person, value: str) -> None:
    answer = wren.send("/language", {"language": "en", "next": value})
    assert answer.status_code == 303
    assert "X-Y" not in answer.headers
    assert "elsewhere" not in answer.headers["Location"]


@pytest.mark.parametrize("path", ["/c/%ED%A0%80", "/c/%00", "/p/%00%00%00%00%00%00%00%00%00%00%00%00", "/b/" + "7" * 26, "/g/%00", "/g/" + "a" * 5_000, "/c/" + "A" * 26])  # fmt: skip
def test_r19_odd_addresses_lead_nowhere(wren: Person, path: str) -> None:
    assert wren.get(path).status_code == 404


# --- The old form, the real server -------------------------------------------------------------------------------


def test_sec_s8_an_old_form_comes_back_with_its_words(world: World, wren: Person, place: Place) -> None:
    words = "Written over two hours.\n<b>Not</b> lost & not sent."
    form = {"title": "A title", "body": words, "token": "t", "csrf_token": "of-yesterday"}
    answer = wren.client.post(place(world, wren), data=form, base_url=BASE)
    assert answer.status_code == 403
    assert kept(answer) == words
    assert words not in bodies(world)


@pytest.mark.faults
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_sec_s12_the_real_server_answers_before_it_hangs_up(people: World, site: Site) -> None:
    """A server that closes the line on unread megabytes shows the browser's own error page instead of ours."""
    writer = settle_in(people, site.url, writers=1)[0]
    now_live(people)
    site.start()
    path = f"{conversation_url(writer.topic)}/posts"
    began = time.monotonic()
    browser, token = writer.browser, {"X_CSRF_Token": writer.browser.form_token, "Content_Type": MULTIPART}
    far_too_long = multipart(body=b"[" * 1_000_000, token=b"t")
    far = ask(site.url, "POST", path, far_too_long, browser.cookie, **token)
    assert (far.status, kept_words(far.text)) == (422, "[" * 1_000_000)
    over = ask(site.url, "POST", path, multipart(body=b"a" * limits.MOST_WORDS_BYTES), browser.cookie, **token)
    assert over.status == 413
    assert "in two parts" in over.text
    assert time.monotonic() - began < 2 * BOUNDED_S
    assert writer.browser.send(path, {"body": "Short.", "token": "t"}).status == 303
