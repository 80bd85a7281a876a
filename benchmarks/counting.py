"""How many statements a topic's page takes: a count, the same on any machine."""

from benchmarks.dataset import Forum
from benchmarks.places import Place
from forum.conversations import board_page, entrance, fragments
from forum.web import shells
from tests.statements import statements


def forget_pages() -> None:
    """What this process remembers of pages."""
    fragments.forget()
    shells.forget()
    board_page.forget()


def measure(place: Place, forum: Forum) -> dict[str, int]:
    """topic_queries_cold: with nothing remembered, masks included. topic_queries_warm: the second visit."""
    forget_pages()
    entrance.forget_all()
    with place.app.app_context(), statements() as said:
        forum.open(forum.topic)
        cold = len(said)
        forum.open(forum.topic)
    return {"topic_queries_cold": cold, "topic_queries_warm": len(said) - cold}
