"""The guides in docs/ as pages: one source for people who read here and for people who read the repository.

They are ours, written with the program and reviewed with it; nothing of a member's ever goes through here.
"""

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup, escape

DOCS = Path(__file__).resolve().parents[2] / "docs"
EASY = "easy-read"
#: Which guides are pages, in the order of the list; each name is its file and its address.
GUIDES = ("peer-support", "members", "needing-help", "facilitators", "moderators", "safeguarding-leads", "threat-model")
#: Those that also exist in short words with pictures.
EASY_GUIDES = ("members", "privacy")

_MARKDOWN = MarkdownIt("commonmark", {"html": False}).enable("table")
_NOT_LETTERS = re.compile(r"[^a-z0-9]+")


class GuideMissing(RuntimeError):
    """A guide is not where the program looks for it: the archive or the checkout is not whole."""


@dataclass(frozen=True)
class Section:
    """One heading with what stands below it."""

    id: str
    title: str
    html: Markup


@dataclass(frozen=True)
class Guide:
    """A guide, cut at its headings so that the page can list them."""

    title: str
    opening: Markup
    sections: tuple[Section, ...]


def find_guide(name: str, easy: bool = False) -> Guide | None:
    """A guide by its name, in short words if `easy`; None if there is none of that name."""
    if name not in (EASY_GUIDES if easy else GUIDES):
        return None
    return _read(name, easy)


def check() -> None:
    """Read them all, so that a missing one stops the start and not somebody's night.

    :raises GuideMissing: with the file.
    """
    for easy, names in ((False, GUIDES), (True, EASY_GUIDES)):
        for name in names:
            _read(name, easy)


@cache
def _read(name: str, easy: bool) -> Guide:
    path = (DOCS / EASY if easy else DOCS) / f"{name}.md"
    try:
        tokens = _MARKDOWN.parse(path.read_text("utf-8"))
    except OSError as error:
        raise GuideMissing(f"{path} cannot be read ({error.strerror}). Use a whole checkout or archive.") from error
    tokens = _without_screenshots(tokens)
    for token in tokens:
        _mend_links(token.children or [], easy)
    (title, opening), *rest = _cut(tokens)
    return Guide(title, _html(opening), tuple(Section(_id(t), t, _html(body)) for t, body in rest))


def _without_screenshots(tokens: list[Token]) -> list[Token]:
    """Pictures of screens are for who has not come here: on the site they would weigh more than all the guides.

    Each stands in a paragraph of its own, which goes with it.
    """
    away = {n + step for n, token in enumerate(tokens) if _is_screenshot(token) for step in (-1, 0, 1)}
    return [token for n, token in enumerate(tokens) if n not in away]


def _is_screenshot(token: Token) -> bool:
    shown = [c for c in token.children or [] if c.type != "softbreak"]
    return bool(shown) and all(c.type == "image" and str(c.attrs["src"]).endswith(".png") for c in shown)


def _cut(tokens: list[Token]) -> list[tuple[str, list[Token]]]:
    """Headings of the first two ranks with what follows each."""
    parts: list[tuple[str, list[Token]]] = []
    rest = iter(tokens)
    for token in rest:
        if token.type == "heading_open" and token.tag in ("h1", "h2"):
            parts.append((next(rest).content, []))
            next(rest)
        else:
            parts[-1][1].append(token)
    return parts


def _mend_links(tokens: list[Token], easy: bool) -> None:
    """Links between guides lead to their pages; a link to what is no page here is only its words."""
    leads = True
    for token in tokens:
        if token.type == "link_open":
            target = _page_of(str(token.attrs["href"]), easy)
            leads, token.attrs = bool(target), {"href": target} if target else {}
        if token.type in ("link_open", "link_close") and not leads:
            token.tag = "span"


def _page_of(href: str, easy: bool) -> str:
    """Where a link of a guide leads on this site, or nothing."""
    if href.startswith(("/", "#", "https://")):
        return href
    file, _hash, place = href.partition("#")
    leaves = file.startswith("../")
    name = file.removeprefix("../").removesuffix(".md")
    short = (easy and not leaves) or name.startswith(f"{EASY}/")
    name = name.removeprefix(f"{EASY}/")
    if name not in (EASY_GUIDES if short else GUIDES):
        return ""
    return f"/how-to/{'easy/' if short else ''}{name}" + (f"#{place}" if place else "")


def _html(tokens: list[Token]) -> Markup:
    return Markup(_MARKDOWN.renderer.render(tokens, _MARKDOWN.options, {}))  # noqa: S704 - our own files, without raw HTML


def _id(title: str) -> str:
    return _NOT_LETTERS.sub("-", title.lower()).strip("-")


def _picture(self: object, tokens: list[Token], n: int, options: object, env: object) -> str:
    """A picture of ours as part of the page. It only repeats what the words beside it say, so it is silent."""
    return _drawing(str(tokens[n].attrs["src"]))


@cache
def _drawing(file: str) -> str:
    path = DOCS / EASY / file
    if path.parent != DOCS / EASY or path.suffix != ".svg":
        raise GuideMissing(f"{file} is not one of our own pictures.")
    try:
        drawn = path.read_text("utf-8")
    except OSError as error:
        raise GuideMissing(f"{path} cannot be read ({error.strerror}).") from error
    inside = re.search(r"<svg[^>]*>(.*)</svg>", drawn, re.DOTALL)
    view = re.search(r'viewBox="([\d .]+)"', drawn)
    if not (inside and view):
        raise GuideMissing(f"{path} is not a drawing with a viewBox.")
    return f'<svg class="cg-picture" viewBox="{escape(view[1])}" aria-hidden="true">{inside[1]}</svg>'


_MARKDOWN.add_render_rule("image", _picture)
