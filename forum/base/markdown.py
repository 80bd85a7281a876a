"""Markdown as members may write it: a small part, chosen so that no word a person typed can vanish.

Left out, because each one makes words disappear or changes them: raw HTML, images, tables, reference links,
`&name;` entities, text indented by four spaces, and a line of dashes that turns the line above into a heading.
"""

import re
from collections.abc import Iterator, Sequence
from urllib.parse import quote, urlsplit

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.rules_core import StateCore
from markdown_it.token import Token

# Quotes and lists inside one another. Deeper, a phone shows one word a line.
MAX_LEVELS = 12
# The parser leaves out, without a word, what lies deeper than this. A list counts two levels, so text that could be
# left out is deeper than MAX_LEVELS and was refused before.
_PARSER_LEVELS = 3 * MAX_LEVELS

_POST = [
    "blockquote",
    "fence",
    "heading",
    "hr",
    "list",
    "autolink",
    "backticks",
    "emphasis",
    "escape",
    "link",
    "newline",
]
_ROOM = ["emphasis", "newline"]  # talk: paragraphs, bold, italics, and bare addresses
# The page linked to is not told where the person came from; the forum does not vouch for it.
REL = "noreferrer noopener nofollow"
# A page of ours stands between and names the host (docs/decisions/0025): nobody is taken away by a stray tap.
OUTWARD = "/out?to="
# As written in that address. Servers read about 4,000 letters of an address; a longer link stays text.
MOST_OUTWARD = 2_000
_WHERE_ALONE = re.compile(r"(?<![\w/.@])(?:https?://|www\.)[^\s<>\"“”«»]+", re.IGNORECASE)
_AFTER_A_LINK = ".,;:!?…'’*_`"
_HOST = re.compile(r"(?=.{4,253}$)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9-]{2,63}")


def host_of(address: str) -> str | None:
    """Return the host a web address leads to, in plain letters, or None if it may not become a link.

    Only http and https to a full host name. Mail and telephone links are left as text: they would hand a member's
    private address to a stray tap. A name before the host (`https://nhs.uk@bad.example`) exists to mislead.
    """
    if any(character.isspace() or character == "\\" for character in address):
        return None
    try:
        parts = urlsplit(address)
        host = (parts.hostname or "").encode("idna").decode("ascii").lower()
    except (ValueError, UnicodeError):
        return None
    if parts.scheme not in {"http", "https"} or "@" in parts.netloc or not _HOST.fullmatch(host):
        return None
    return host


class _Markdown(MarkdownIt):
    def validateLink(self, url: str) -> bool:  # noqa: N802 (the library's name)
        return host_of(url) is not None


class _Renderer(RendererHTML):
    """The library's, but quotation marks stay as they are: as `&quot;` they made the sanitiser ten times slower."""

    def text(self, tokens: Sequence[Token], idx: int, options: object, env: object) -> str:
        return escape(tokens[idx].content)

    def code_inline(self, tokens: Sequence[Token], idx: int, options: object, env: object) -> str:
        return f"<code>{escape(tokens[idx].content)}</code>"

    def fence(self, tokens: Sequence[Token], idx: int, options: object, env: object) -> str:
        """Words after the opening marks are kept as a first line, since most people mean them as text."""
        lines = [tokens[idx].info.strip(), tokens[idx].content]
        return f'<pre dir="auto"><code>{escape(chr(10).join(filter(None, lines)))}</code></pre>\n'

    def bold_open(self, tokens: Sequence[Token], idx: int, options: object, env: object) -> str:
        return '<p dir="auto"><strong>'

    def bold_close(self, tokens: Sequence[Token], idx: int, options: object, env: object) -> str:
        return "</strong></p>\n"

    def link_host(self, tokens: Sequence[Token], idx: int, options: object, env: object) -> str:
        return f" (<bdi>{escape(tokens[idx].content)}</bdi>)"


def escape(text: str) -> str:
    """Return text that is safe between tags."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def parse_blocks(text: str) -> list[Token]:
    """Return only the paragraphs, lists and quotes: enough to see how deep they go."""
    return _BLOCKS.parse(text)


def parse(text: str) -> list[Token]:
    """Return everything, ready for `to_html`."""
    return _MARKDOWN.parse(text)


def parse_room(text: str) -> list[Token]:
    """Return a room message, in which only bold, italics and addresses mean anything."""
    return _ROOM_TALK.parse(text)


def to_html(tokens: list[Token]) -> str:
    """Return HTML that still has to pass the sanitiser."""
    return str(_MARKDOWN.renderer.render(tokens, _MARKDOWN.options, {}))


def levels(tokens: list[Token]) -> int:
    """Return how many quotes and lists lie inside one another at the deepest point."""
    deepest = now = 0
    for token in tokens:
        if token.type in {"blockquote_open", "bullet_list_open", "ordered_list_open"}:
            now += 1
        elif token.type in {"blockquote_close", "bullet_list_close", "ordered_list_close"}:
            now -= 1
        deepest = max(deepest, now)
    return deepest


def spoken(tokens: list[Token]) -> Iterator[str]:
    """Yield the author's own words, a paragraph at a time: quotes of other people are left out."""
    quotes = 0
    for token in tokens:
        quotes += (token.type == "blockquote_open") - (token.type == "blockquote_close")
        if not quotes and token.type == "fence":
            yield f"{token.info} {token.content}"
        elif not quotes and token.type == "inline":
            yield "".join(_said(child) for child in token.children or [])


def _said(token: Token) -> str:
    if token.type in {"softbreak", "hardbreak"}:
        return " "
    return token.content if token.type in {"text", "code_inline"} else ""


def _dress_blocks(state: StateCore) -> None:
    """Give each block its own direction, headings a paragraph's rank, and list items the number that was typed."""
    for token in state.tokens:
        if token.type in {"paragraph_open", "bullet_list_open", "ordered_list_open"}:
            # Each paragraph and list takes its direction from its first letter: Urdu and English share a page.
            token.attrs = {"dir": "auto"}
        elif token.type == "list_item_open" and token.info:
            # "3. May, 7. June" must not become 3 and 4.
            token.attrs = {"value": str(int(token.info))}
        elif token.type in {"heading_open", "heading_close"}:
            # A heading in a post becomes bold: it must not break the page's own order of headings.
            token.type = token.type.replace("heading", "bold")
        elif token.type == "inline":
            token.children = _dress_line(token.children or [])


def _dress_line(tokens: list[Token]) -> list[Token]:
    dressed: list[Token] = []
    rest = iter(tokens)
    for token in rest:
        if token.type == "link_open":
            inside = []
            while (inner := next(rest)).type != "link_close":
                inside.append(inner)
            dressed += _link(str(token.attrs.get("href", "")), inside, str(token.attrs.get("title", "")))
        elif token.type == "text":
            dressed += _with_bare_links(token.content)
        else:
            dressed.append(token)
    return dressed


def _with_bare_links(text: str) -> Iterator[Token]:
    done = 0
    for found in _WHERE_ALONE.finditer(text):
        shown = _without_tail(found[0])
        address = shown if "://" in shown else f"https://{shown}"
        if host_of(_MARKDOWN.normalizeLink(address)):
            yield _text(text[done : found.start()])
            yield from _link(_MARKDOWN.normalizeLink(address), [_text(shown)], "")
            done = found.start() + len(shown)
    yield _text(text[done:])


def _without_tail(address: str) -> str:
    """Leave the full stop, and a bracket that was opened before the address, to the sentence around it."""
    while address and (address[-1] in _AFTER_A_LINK or (address[-1] in ")]" and not set("([") & set(address))):
        address = address[:-1]
    return address


def _link(address: str, inside: list[Token], title: str) -> list[Token]:
    """Return a link that says in words where it leads, unless its own text says so already."""
    host = host_of(address)
    if host is None:
        return inside
    words = "".join(_said(token) for token in inside)
    outward = quote(address, safe="")
    if len(outward) > MOST_OUTWARD:
        return [*inside, *([] if words.strip() == address else [_text(f" ({address})")])]
    opened = Token("link_open", "a", 1, attrs={"href": OUTWARD + outward, "rel": REL})
    link = [opened, *(inside if words.strip() else [_text(address)]), Token("link_close", "a", -1)]
    note = ": ".join(filter(None, ["" if _says(words, host) else host, title]))
    return [*link, Token("link_host", "", 0, content=note)] if note else link


def _says(words: str, host: str) -> bool:
    """An address as its own text, or a text left empty, needs no second naming of the host."""
    if not words.strip():
        return True
    bare = words.strip().lower().removeprefix("https://").removeprefix("http://")
    return bare.startswith(host) and (len(bare) == len(host) or bare[len(host)] in "/?#:")


def _text(content: str) -> Token:
    return Token("text", "", 0, content=content)


def _build(rules: list[str]) -> MarkdownIt:
    built = _Markdown("zero", {"html": False, "breaks": True, "maxNesting": _PARSER_LEVELS}, renderer_cls=_Renderer)
    built.enable(rules)
    built.core.ruler.push("dress", _dress_blocks)
    built.render("*")  # orders the rules once, now: the parser is shared by threads afterwards
    return built


_MARKDOWN = _build(_POST)
_ROOM_TALK = _build(_ROOM)
_BLOCKS = _build(_POST).disable(["inline", "dress"])
_BLOCKS.render("*")
