"""What a hundred times the posts do to a page.

The cost is processor time of this process, database included (SQLite works inside it): a visit with nothing of the page
in memory, and one more. Both sizes are visited in turn, and the quickest visit of each counts, for whatever else runs
on the machine can only add to it.
"""

import time
from collections.abc import Callable
from pathlib import Path

from benchmarks import places
from benchmarks.counting import forget_pages
from benchmarks.dataset import Forum, build

SMALL, LARGE = 1_000, 100_000
VISITS = 60


def measure(folder: Path) -> dict[str, float]:
    """topic_growth_100x, board_growth_100x: the cost at 100,000 posts for each unit of cost at 1,000.

    The topic is the longest there is (a tenth of all posts), opened in its middle; the board holds all topics.
    """
    small, large = (build(places.sqlite(folder, f"growth_{n}").app, n) for n in (SMALL, LARGE))
    return {
        "topic_growth_100x": _growth(lambda forum: forum.long_topic, small, large),
        "board_growth_100x": _growth(lambda forum: forum.board, small, large),
    }


def _growth(page_of: Callable[[Forum], str], small: Forum, large: Forum) -> float:
    costs: dict[int, list[float]] = {small.posts: [], large.posts: []}
    for _ in range(VISITS):
        for forum in (small, large):
            costs[forum.posts].append(_cost(forum, page_of(forum)))
    return min(costs[large.posts]) / min(costs[small.posts])


def _cost(forum: Forum, page: str) -> float:
    forget_pages()
    start = time.process_time()
    forum.open(page)
    forum.open(page)
    return time.process_time() - start
