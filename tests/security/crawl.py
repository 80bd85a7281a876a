"""Every page somebody can reach by following links, as a browser's parser reads it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import unquote, urlsplit

from tests.world import Person

#: Attributes that make a browser fetch or go somewhere.
ADDRESSES = (
    "href",
    "src",
    "action",
    "formaction",
    "poster",
    "data",
    "srcset",
    "ping",
    "cite",
    "background",
    "manifest",
)
MOST_PAGES = 400


@dataclass
class Parsed(HTMLParser):
    """A page's tags, and its title."""

    tags: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    title: str = ""
    heading: str = ""
    _inside: str = ""

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {name: value or "" for name, value in attrs}))
        if tag in ("title", "h1"):
            self._inside = tag

    def handle_endtag(self, tag: str) -> None:
        if tag == self._inside:
            self._inside = ""

    def handle_data(self, data: str) -> None:
        if self._inside == "title":
            self.title += data
        if self._inside == "h1":
            self.heading += data

    def addresses(self) -> Iterator[tuple[str, str, dict[str, str]]]:
        """Tag, address and attributes of everything that points somewhere."""
        for tag, attributes in self.tags:
            for name in ADDRESSES:
                if name in attributes:
                    yield tag, attributes[name], attributes


def parse(text: str) -> Parsed:
    page = Parsed()
    page.feed(text)
    page.close()
    return page


@dataclass(frozen=True)
class Visit:
    """One answer met on the way."""

    path: str
    status: int
    headers: dict[str, str]
    text: str

    @property
    def page(self) -> Parsed:
        return parse(self.text)


def crawl(person: Person, *starts: str) -> list[Visit]:
    """Follow every link on this site from `starts`, but the way out."""
    ahead, seen, visits = ["/", *starts], {"/leave"}, []
    while ahead and len(visits) < MOST_PAGES:
        path = ahead.pop(0)
        if path in seen or path.startswith(("/static/", "/leave")):
            continue
        seen.add(path)
        answer = person.get(path)
        visits.append(Visit(path, answer.status_code, dict(answer.headers), answer.get_data(as_text=True)))
        answer.close()
        if answer.is_json:
            continue
        found = [href for tag, href, _ in visits[-1].page.addresses() if tag == "a"]
        found.append(answer.headers.get("Location", ""))
        ahead += [href.split("#")[0] for href in found if is_ours(href) and href.split("#")[0]]
    return visits


def is_ours(address: str) -> bool:
    parts = urlsplit(address)
    return not parts.scheme and not parts.netloc and not address.startswith("#")


def words_in(address: str) -> set[str]:
    return set(re.findall(r"[a-z]{3,}", unquote(address).lower()))
