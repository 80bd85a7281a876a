"""What a page says in its own language: its words without names, without posts and without what groups wrote."""

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser

#: Attributes that are read aloud, or that scripts show.
SPOKEN = frozenset({"alt", "aria-label", "placeholder", "title"})
SHOWN_BY_SCRIPTS = frozenset({"data-offline", "data-online", "data-sending", "data-slow", "data-left", "data-over"})
VOID = frozenset({"br", "hr", "img", "input", "link", "meta"})
UNSEEN = frozenset({"script", "style", "textarea"})
LATIN_WORD = re.compile(r"[A-Za-z]{2,}")


@dataclass
class Post:
    """The words of somebody, as marked for browsers and screen readers."""

    lang: str | None
    dir: str | None
    text: str = ""


@dataclass
class Spoken(HTMLParser):
    """One page, read once: `Spoken(html)`."""

    html: str
    lang: str = ""
    dir: str = ""
    said: list[str] = field(default_factory=list)
    theirs: list[str] = field(default_factory=list)
    posts: list[Post] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()
        self._open: list[tuple[str, bool, bool]] = []
        self.feed(self.html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        has = {name: value or "" for name, value in attrs}
        if tag == "html":
            self.lang, self.dir = has.get("lang", ""), has.get("dir", "")
        if "cg-post__body" in has.get("class", "").split():
            self.posts.append(Post(has.get("lang"), has.get("dir")))
        other = (
            tag in UNSEEN | {"bdi"}
            or has.get("lang", self.lang) != self.lang
            or "cg-post__body" in has.get("class", "")
        )
        inherited = self._open[-1][1] if self._open else False
        if not (inherited or other):
            self.said += [has[name] for name in (SPOKEN | SHOWN_BY_SCRIPTS) & has.keys()]
        if tag not in VOID:
            in_post = bool(self._open and self._open[-1][2]) or "cg-post__body" in has.get("class", "")
            self._open.append((tag, inherited or other, in_post))

    def handle_endtag(self, tag: str) -> None:
        while self._open and self._open.pop()[0] != tag:
            pass

    def handle_data(self, text: str) -> None:
        if not text.strip():
            return
        _tag, other, in_post = self._open[-1] if self._open else ("", False, False)
        (self.theirs if other else self.said).append(text.strip())
        if in_post:
            self.posts[-1].text += text

    def latin_words(self) -> set[str]:
        """Latin words in what the page says itself, a name that others chose left out."""
        names = sorted({name for name in self.theirs if len(name) > 1}, key=len, reverse=True)
        found: set[str] = set()
        for text in self.said:
            for name in [*names, "{count}"]:
                text = text.replace(name, " ")
            found.update(LATIN_WORD.findall(text))
        return found
