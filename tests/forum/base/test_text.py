"""Words in, safe HTML out, and no word lost on the way: `forum.base.text`."""

import re
import time
from html.parser import HTMLParser
from urllib.parse import unquote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forum.base import markdown, text
from forum.base.errors import Invalid
from forum.base.text import TooLong, TooTangled, check, excerpt, normalise, prepare, prepare_room, render, render_room
from tests.forum.base.xss_corpus import PAYLOADS

#: Processor time on a busy, shared machine; a quiet one takes a sixth of it. What grows with the square takes minutes.
BOUNDED_S = 1.0

REL = "noreferrer noopener nofollow"
#: Where a link may lead, behind the page of ours that names it.
WHERE = re.compile(r"https?://[a-z0-9.-]+\.[a-z0-9-]+(:[0-9]+)?([/?#][\x21-\x7e]*)?")
ALLOWED = {
    **{tag: {} for tag in ("br", "hr", "strong", "em", "code", "blockquote", "bdi")},
    **{tag: {"dir": re.compile("auto")} for tag in ("p", "pre", "ul", "ol")},
    "li": {"value": re.compile("[0-9]{1,9}")},
    "a": {
        "href": re.compile(r"/out\?to=[A-Za-z0-9%._~-]+"),
        "rel": re.compile(REL),
    },
}
MARKUP = [
    "*",
    "**",
    "_",
    "`",
    "```\n",
    "> ",
    "- ",
    "1. ",
    "# ",
    "[",
    "](",
    ")",
    "](https://a.example ",
    "\\",
    "&amp;",
    "<",
    ">",
]
MARKUP += [
    "\n",
    "\n\n",
    "    ",
    "~~~",
    "---\n",
    "www.",
    "https://b.example/",
    '"',
    "'",
    "![",
    "]: ",
    "|",
    "\u202e",
    "\u0301",
    "😀",
    "سلام",
]


class Page(HTMLParser):
    """Reads HTML as a browser would and notes everything that is not on the list."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.words, self.hrefs, self.wrong, self.open = "", [], [], []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attrs):
        allowed = ALLOWED.get(tag)
        self.wrong += [] if allowed is not None else [tag]
        self.wrong += [(tag, n, v) for n, v in attrs if n not in (allowed or {}) or not allowed[n].fullmatch(v or "")]
        self.hrefs += [unquote(v).removeprefix(markdown.OUTWARD) for n, v in attrs if n == "href"]
        self.wrong += [href for href in self.hrefs if not WHERE.fullmatch(href)]
        self.open += [] if tag in {"br", "hr"} else [tag]

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.wrong.append(f"/{tag}")

    def handle_data(self, data):
        self.words += data

    def handle_comment(self, data):
        self.wrong.append(("comment", data))

    handle_decl = handle_pi = unknown_decl = handle_comment


def is_safe(html: str) -> bool:
    page = Page(html)
    outside_tags = re.sub(r'</?[a-z]+( [a-z]+="[^"<>]*")*>', "", html)
    return page.wrong == [] and page.open == [] and not set("<>") & set(outside_tags)


def marked_up_words():
    word = st.text("abcdefghij", min_size=3, max_size=8)
    return st.lists(st.one_of(word, st.sampled_from(MARKUP), st.just(" ")), max_size=40).map("".join)


@pytest.mark.parametrize("payload", PAYLOADS)
@pytest.mark.parametrize("show", [render, render_room])
@pytest.mark.parametrize(
    "around", ["{}", "before {} after", "> {}", "- {}\n- x", "*{}*", "[{}](https://good.example)", "`{}`"]
)
def test_no_payload_comes_out_as_anything_but_words_and_plain_links(payload, show, around):
    assert is_safe(show(normalise(around.format(payload))))


def test_the_test_for_safety_can_fail():
    for html in (
        "<script>x</script>",
        '<a href="javascript:x">x</a>',
        "<p onclick=x>x</p>",
        "<!-- x -->",
        "<p>x",
        "a < b",
        "<p/x>",
    ):
        assert not is_safe(html), html


def test_the_corpus_is_as_large_as_it_says():
    assert len(set(PAYLOADS)) == len(PAYLOADS) >= 120


@given(
    st.one_of(st.text(st.characters(exclude_categories=()), max_size=300), marked_up_words(), st.sampled_from(PAYLOADS))
)
@settings(max_examples=300, deadline=None)
def test_whatever_passes_the_check_renders_safely_and_the_sanitiser_would_change_nothing(typed):
    body = normalise(typed)
    try:
        check(body)
    except Invalid:
        return
    for html in (render(body), render_room(body)):
        assert is_safe(html)
        assert text._clean(html) == html


@given(st.one_of(st.text(st.characters(exclude_categories=()), max_size=60), marked_up_words()))
@settings(max_examples=400, deadline=None)
def test_a_plain_line_is_what_the_parser_and_the_sanitiser_would_make_of_it(typed):
    body = normalise(typed)
    if text.is_plain_line(body):
        assert render_room(body) == text.render_with_marks(body)


@pytest.mark.parametrize("payload", PAYLOADS)
def test_what_may_mean_more_goes_the_long_way(payload):
    body = normalise(payload)
    assert not text.is_plain_line(body) or render_room(body) == text.render_with_marks(body)
    assert text.is_plain_line("I slept badly. It's 4 a.m. - are you there?")


@pytest.mark.parametrize("said", ["a\nb", "a &amp; b", "*a*", "_a_", "<b>", "www.a.example", "HTTPS://a.example", ""])
def test_one_line_and_no_sign_is_plain(said):
    assert not text.is_plain_line(said)


@given(marked_up_words())
@settings(max_examples=500, deadline=None)
def test_no_word_is_lost(typed):
    body = normalise(typed)
    try:
        check(body)
    except Invalid:
        return
    for html in (render(body), render_room(body)):
        page = Page(html)
        shown = page.words + " ".join(page.hrefs)
        # Marks inside a word ("ab*cd*ef") may come out between its halves, so letters are compared run by run.
        lost = [word for word in re.findall("[a-j]{3,}", body) if word not in shown]
        assert lost == []


@pytest.mark.parametrize(
    ("body", "html"),
    [
        ("one\ntwo", '<p dir="auto">one<br>\ntwo</p>\n'),
        ("**bold** *soft* `code`", '<p dir="auto"><strong>bold</strong> <em>soft</em> <code>code</code></p>\n'),
        ("- a\n- b", '<ul dir="auto">\n<li>a</li>\n<li>b</li>\n</ul>\n'),
        ("> said", '<blockquote>\n<p dir="auto">said</p>\n</blockquote>\n'),
        ("3. May\n7. June", '<ol dir="auto">\n<li value="3">May</li>\n<li value="7">June</li>\n</ol>\n'),
        ("# Big\n#### small", '<p dir="auto"><strong>Big</strong></p>\n<p dir="auto"><strong>small</strong></p>\n'),
        ("```py x\ny\n```", '<pre dir="auto"><code>py x\ny\n</code></pre>\n'),
        ("my line\n---", '<p dir="auto">my line</p>\n<hr>\n'),
        ("    indented", '<p dir="auto">indented</p>\n'),
        ("&copy; <b>x</b>", '<p dir="auto">&amp;copy; &lt;b&gt;x&lt;/b&gt;</p>\n'),
        ("a@b.example 07700 900123", '<p dir="auto">a@b.example 07700 900123</p>\n'),
    ],
)
def test_what_members_write(body, html):
    assert render(body) == html


@pytest.mark.parametrize(
    ("body", "words", "href"),
    [
        ("[help](https://mind.example/a)", "help (mind.example)", "https://mind.example/a"),
        ("[help](https://mind.example 'a page')", "help (mind.example: a page)", "https://mind.example"),
        ("https://mind.example/a_b_c.", "https://mind.example/a_b_c.", "https://mind.example/a_b_c"),
        ("(www.mind.example)", "(www.mind.example)", "https://www.mind.example"),
        ("https://mind.example/a_(b)", "https://mind.example/a_(b)", "https://mind.example/a_(b)"),
        ("[](https://mind.example)", "https://mind.example", "https://mind.example"),
        ("[https://nhs.example](https://bad.example)", "https://nhs.example (bad.example)", "https://bad.example"),
        ("[mind.example.bad](https://mind.example)", "mind.example.bad (mind.example)", "https://mind.example"),
        (
            "https://münchen.example",
            "https://münchen.example (xn--mnchen-3ya.example)",
            "https://xn--mnchen-3ya.example",
        ),
    ],
)
def test_a_link_says_where_it_leads(body, words, href):
    page = Page(render(body))
    assert (page.words.strip(), page.hrefs) == (words, [href])


def test_each_paragraph_finds_its_own_direction():
    assert render("سلام\n\nhello").count('dir="auto"') == 2


@pytest.mark.parametrize("empty", ["", "   ", "\n\n", "\u200b", "\u200d\u200c", "\u2067\u2069"])
def test_a_post_with_nothing_to_read_is_sent_back(empty):
    with pytest.raises(Invalid):
        prepare(empty)
    with pytest.raises(Invalid):
        prepare_room(empty)


def test_limits_count_what_is_kept():
    assert len(prepare("e\u0301" * 20_000).body) == 20_000
    with pytest.raises(TooLong):
        prepare("a" * 20_001)
    assert len(prepare_room("a" * 2_000).body) == 2_000
    with pytest.raises(TooLong):
        prepare_room("a" * 2_001)


@pytest.mark.parametrize(
    "deep", ["> " * 13 + "help", "- " * 13 + "help", "".join("  " * i + "- help\n" for i in range(13))]
)
def test_words_too_deep_to_show_are_refused_not_dropped(deep):
    with pytest.raises(TooTangled):
        check(normalise(deep))
    with pytest.raises(TooTangled):
        render(normalise(deep))


@pytest.mark.parametrize("depth", [1, 6, 12])
@pytest.mark.parametrize("mark", ["> ", "- ", "1. "])
def test_words_as_deep_as_allowed_are_shown(mark, depth):
    body = normalise(mark * depth + "help")
    check(body)
    assert "help" in Page(render(body)).words


@given(st.lists(st.sampled_from(["> ", "- ", "1) ", "  ", "   "]), max_size=60).map("".join))
@settings(deadline=None)
def test_no_depth_loses_a_word(marks):
    body = normalise(f"x\n\n{marks}help")
    try:
        html = render(body)
    except TooTangled:
        return
    assert "help" in Page(html).words


def hostile():
    units = [
        "[",
        "![",
        "[a](",
        "[[a]",
        "[*",
        "*[",
        "[`",
        "[(",
        "( [",
        "[\\]",
        "[](",
        "***a",
        "*_",
        "a*b*",
        "_a_ ",
        "**a",
        "`",
        "``a`",
        "<",
        "<a",
    ]
    units += [
        "<a@",
        "&",
        "&lt;",
        '"',
        "'",
        ">",
        "> ",
        "> a\n",
        "- ",
        "- a\n",
        "* a\n  ",
        "-\n",
        "1. a\n",
        "# a\n",
        "~~~\n",
        "```a\n",
        "---\n",
        "\n\na",
    ]
    units += [
        "a\n",
        "a  \n",
        "[a]: /b\n",
        "|a",
        "\\",
        "http://",
        "https://a.bc ",
        "www.a.bc ",
        "[a](https://a.bc 't')",
        "[a](b '",
        "e\u0301",
        "\u202a\u202c",
        "é",
        "<!--",
    ]
    return units


@pytest.mark.parametrize("unit", hostile())
def test_no_20_000_characters_hold_the_reader_up(unit):
    """As many of the unit as the check lets through, the rest plain words; best of three on a shared machine."""
    most = most_allowed(unit)
    assert most > 0
    assert min(seconds(lambda: text._prepare(padded(unit, most))) for _ in range(3)) < BOUNDED_S


def most_allowed(unit):
    """Bisect for the largest number of repeats that `check` accepts."""
    low, high = 0, 20_000 // len(unit)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if passes(padded(unit, middle)) else (low, middle - 1)
    return low


def padded(unit, repeats):
    return unit * repeats + " word" * ((20_000 - repeats * len(unit)) // 5)


def passes(typed):
    try:
        check(normalise(typed))
    except Invalid:
        return False
    return True


def seconds(call):
    start = time.process_time()
    call()
    return time.process_time() - start


@pytest.mark.parametrize("unit", ["[", "](", "> ", "<", "*", "\n", "سلام "])
def test_a_million_characters_are_refused_at_once(unit):
    def refused():
        with pytest.raises(TooLong):
            prepare(unit * (1_000_000 // len(unit)))

    assert min(seconds(refused) for _ in range(3)) < 0.050


@pytest.mark.parametrize("unit", hostile())
def test_a_refusal_is_quick(unit):
    typed = (unit * 20_000)[:20_000]
    if not passes(typed):
        assert min(seconds(lambda: passes(typed)) for _ in range(3)) < 0.100


def test_a_long_ordinary_post_passes():
    paragraph = "I did not sleep (again :( ) and *nobody* at work knows. It's 3 a.m. & I need to say it somewhere.\n\n"
    typed = paragraph * (19_990 // len(paragraph))
    assert "nobody" in prepare(typed).html


@pytest.mark.parametrize(
    ("body", "limit", "words"),
    [
        ("Hello *there*, friend", 100, "Hello there, friend"),
        ("one two three four", 12, "one two…"),
        ("> their words\n\nmine", 100, "mine"),
        ("> their words", 100, ""),
        ("a\nb\n\n- c", 100, "a b c"),
        ("[help](https://mind.example) now", 100, "help now"),
        ("abcdefghijkl", 5, "abcd…"),
        ("```\ncode\n```", 100, "code"),
    ],
)
def test_an_excerpt_is_the_authors_own_first_words(body, limit, words):
    assert excerpt(body, limit) == words


@given(marked_up_words(), st.integers(2, 60))
@settings(deadline=None)
def test_an_excerpt_keeps_its_limit_and_holds_no_line_ends(typed, limit):
    said = excerpt(normalise(typed), limit)
    assert len(said) <= limit
    assert "\n" not in said


def test_an_excerpt_of_a_hostile_post_is_quick():
    assert min(seconds(lambda: excerpt("[*" * 10_000, 200)) for _ in range(3)) < 0.100


def test_what_is_stored_names_its_renderer():
    prepared = prepare("hello")
    assert (prepared.body, prepared.renderer) == ("hello", text.RENDERER)


# --- Links lead to a page of ours first (docs/decisions/0025) ------------------------------------------------------


def test_sec_s5_a_link_goes_through_our_own_page():
    html = render("[help](https://mind.example/a?b=c&d)")
    assert 'href="/out?to=https%3A%2F%2Fmind.example%2Fa%3Fb%3Dc%26d"' in html
    assert 'href="https' not in html


@pytest.mark.parametrize(
    "href",
    ["https://bad.example", "/leave", "//bad.example", "/out", "javascript:alert(1)", "out?to=https://x.example"],
)
def test_sec_s5_the_sanitiser_lets_no_other_address_through(href):
    assert "href" not in text._clean(f'<a href="{href}">x</a>')
    assert "href" in text._clean('<a href="/out?to=https%3A%2F%2Fmind.example">x</a>')


@pytest.mark.parametrize("body", ["https://mind.example/{}", "[words](https://mind.example/{})"])
def test_an_address_too_long_for_a_server_stays_text_and_whole(body):
    long = "a" * 3_000
    page = Page(render(body.format(long)))
    assert page.hrefs == []
    assert f"https://mind.example/{long}" in page.words
    assert page.words.count(long) == 1
    assert Page(render(body.format("a" * 900))).hrefs
