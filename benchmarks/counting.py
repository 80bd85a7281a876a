"""How many statements a topic's page takes: a count, the same on any machine."""

from benchmarks.dataset import Forum
from benchmarks.places import Place
from forum.conversations import board_page, entrance, fragments
from forum.groups import home
from forum.web import shells
from tests.statements import statements


def forget_pages() -> None:
    """What this process remembers of pages."""
    fragments.forget()
    shells.forget()
    board_page.forget()
    home.forget()


def measure(place: Place, forum: Forum) -> dict[str, int]:
    """topic_queries_cold: with nothing remembered, masks included. topic_queries_warm, home_queries: the second visit."""
    forget_pages()
    entrance.forget_all()
    with place.app.app_context(), statements() as said:
        forum.open(forum.topic)
        cold = len(said)
        forum.open(forum.topic)
        warm = len(said)
        forum.open("/")
        home_cold = len(said)
        forum.open("/")
    return {
        "topic_queries_cold": cold,
        "topic_queries_warm": warm - cold,
        "home_queries": len(said) - home_cold,
        "home_queries_cold": home_cold - warm,
    }
