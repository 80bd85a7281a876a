"""Pages a second beside a bare Flask page, under the same server, at the same time.

32 connections, one gunicorn process each (`-k gevent -w 1`), the reader's cookie sent to both; no compression asked
for, as a load client reads none. Bare and ours take turns, and the median of the rounds' ratios counts.
"""

from benchmarks.dataset import TOPIC_POSTS, Forum
from benchmarks.load import Target, compare
from benchmarks.places import Place, serving

ROUNDS, SECONDS = 5, 4.0


def measure_all(place: Place, forum: Forum) -> dict[str, float]:
    """The pages on SQLite: topic, nothing new, board, home."""
    wanted = {
        f"topic_page_{place.name}_vs_bare": (forum.topic, f'data-seq="{TOPIC_POSTS}"'),
        "changes_empty_vs_bare": (forum.changes, '"changes":[]'),
        "board_page_vs_bare": (forum.board, "How did the week go for you?"),
        "home_vs_bare": ("/", "More than 99 new posts"),
    }
    return _measure(place, forum, wanted)


def measure_topic(place: Place, forum: Forum) -> dict[str, float]:
    """The topic alone."""
    return _measure(place, forum, {f"topic_page_{place.name}_vs_bare": (forum.topic, f'data-seq="{TOPIC_POSTS}"')})


def _measure(place: Place, forum: Forum, wanted: dict[str, tuple[str, str]]) -> dict[str, float]:
    bare_program, ours = "benchmarks.bare:create_app()", "benchmarks.ours:create_app()"
    with serving(bare_program, place.environment) as bare_url, serving(ours, place.environment) as url:
        targets = [Target(url + path, forum.headers, says) for path, says in wanted.values()]
        found = compare(targets, Target(f"{bare_url}/", forum.headers, "a quiet line"), rounds=ROUNDS, seconds=SECONDS)
    results: dict[str, float] = {}
    for name, (ratio, spread) in zip(wanted, found, strict=True):
        results |= {name: ratio, f"{name}_spread": spread}
    return results
