"""Everything that somebody can get from the program: they open each page they know of and follow what it names."""

import difflib
import html
import re
from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from werkzeug.test import TestResponse

from forum.accounts.name_words import STONES, TREES
from forum.base.idents import write_post_id
from tests.world import Person, conversation_url, post_url

#: Addresses that a page names in links, forms and for its scripts.
NAMED = re.compile(r'(?:href|action|data-[a-z-]+)="(/[^"]*)"|(/[a-z/]+/[a-z2-7]{12,26}(?:/[a-z]+)*)')
#: Doing, not reading; the way to other sites; the library of rules, printed words in 65 times two pages; and how a page looks,
#: which is one page with another way back for each page there is.
LEFT_OUT = re.compile(
    r"/static/|/leave|/language|/demo/|/socket|/sign-out|/names?$|/g/[a-z-]+/write$|/read$|/posts$|/withdraw$|/hide$|/decide$|/rules/library|/display\?next=/[a-z]"
)
#: New in each answer by design: form tokens and the references of error pages.
FRESH = re.compile(
    r'(?<=name="csrf_token" value=")[^"]+|(?<=name="csrf-token" content=")[^"]+|(?<=name="token" value=")[^"]+'
)
MOST_PAGES = 1_000
#: Pages of a post that anybody may ask for by typing them.
OF_A_POST = ("", "more", "sent", "edit", "look-after")


@dataclass
class Got:
    """Bytes by address, with what came before them."""

    pages: dict[str, bytes] = field(default_factory=dict)

    @property
    def everything(self) -> bytes:
        """All of it."""
        return b"\n".join(self.pages.values())


def read_all(who: Person, conversations: Iterable[bytes], posts: Iterable[int]) -> Got:
    """Every page that this reader can reach from their start page, or by typing an address they could know."""
    group = [f"/g/{who.group.address}"] if who.group else []
    typed = ["/", *group, *(f"{g}/team" for g in group)]
    for conversation in conversations:
        here = conversation_url(conversation)
        typed += [here, f"{here}?page=1", f"{here}/changes?after=0", f"{here}/changes?after=3"]
    typed += [post_url(post, page) for post in posts for page in OF_A_POST]
    return _follow(who, typed)


def _follow(who: Person, typed: list[str]) -> Got:
    got, waiting, known = Got(), deque(typed), set(typed)
    while waiting:
        path = waiting.popleft()
        assert len(got.pages) < MOST_PAGES, "the pages never end"
        answer = who.get(path)
        assert answer.status_code < 500, path
        got.pages[path] = lasting(answer)
        for found in _named_in(answer.get_data(as_text=True), answer.headers.get("Location", "")):
            if found not in known and not LEFT_OUT.search(found):
                known.add(found)
                waiting.append(found)
    return got


def lasting(answer: TestResponse) -> bytes:
    """Status, head and body, without what is new in each answer by design."""
    fresh = ("Date", "Set-Cookie", "Content-Length")
    head = "".join(f"{name}: {value}\n" for name, value in sorted(answer.headers) if name not in fresh)
    return f"{answer.status}\n{head}\n{FRESH.sub('', answer.get_data(as_text=True))}".encode()


def _named_in(body: str, location: str) -> list[str]:
    found = [html.unescape(a or b) for a, b in NAMED.findall(body)]
    found += [location.removeprefix("https://localhost")] if location else []
    return [path.split("#")[0] for path in found if path.startswith("/")]


#: Drawn at random: ids of cases, boards and forms, hashes of cookies, aliases.
RANDOM = re.compile(r"\b[a-z2-7]{26}\b|\b[0-9a-f]{64}\b")
ALIAS = re.compile(rf"\b({'|'.join(STONES + TREES)})\b")


def alike(got: Got, names: Mapping[str, str]) -> dict[str, str]:
    """The same pages with every random id written as its place in the order of appearing.

    :param names: what to write for names, posts and conversations, whose ids are known to the test.
    """
    order: dict[str, str] = {}
    name = re.compile("|".join(map(re.escape, names)))

    def plain(text: str) -> str:
        known = name.sub(lambda found: names[found[0]], text)
        return ALIAS.sub("<alias>", RANDOM.sub(lambda found: order.setdefault(found[0], f"<{len(order)}>"), known))

    return {plain(path): plain(body.decode()) for path, body in got.pages.items()}


def differences(before: Mapping[str, bytes | str], after: Mapping[str, bytes | str]) -> str:
    """What is new, gone or other, line by line; empty if nothing is."""
    found = []
    for path in sorted(before.keys() | after.keys()):
        one, other = (_lines(pages.get(path, "")) for pages in (before, after))
        found += [f"{path} {line}" for line in difflib.unified_diff(one, other, lineterm="", n=0)][2:]
    return "\n".join(found)


def _lines(page: bytes | str) -> list[str]:
    return (page.decode() if isinstance(page, bytes) else page).splitlines()


def article_of(page: bytes, post_id: int) -> str:
    """One post as it stands in a page."""
    written = write_post_id(post_id)
    found = re.search(rf'<article[^>]*id="post-{written}".*?</article>', page.decode(), re.DOTALL)
    assert found, f"post {written} is not on the page"
    return found[0]


def posts_region(page: bytes) -> str:
    """The posts of a topic's page: what stands between the list's first article and its last."""
    found = re.search(r"<article.*</article>", page.decode(), re.DOTALL)
    assert found
    return found[0]
