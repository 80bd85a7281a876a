"""`python -m benchmarks`: measure everything, print `name value` lines, and write benchmarks/results.json.

`python -m benchmarks rooms queue` measures these parts alone, and writes nothing.
"""

import json
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks import (
    counting,
    deciding,
    detecting,
    features,
    growth,
    machine,
    pages,
    places,
    queue,
    rooms,
    rooms_load,
    rules,
    safeguarding,
    searching,
    stalls,
    visiting,
    writing,
)
from benchmarks.dataset import build

RESULTS = Path(__file__).with_name("results.json")
POSTS = 20_000
NAMES = (
    "topic_page_sqlite_vs_bare",
    "topic_page_postgres_vs_bare",
    "changes_empty_vs_bare",
    "board_page_vs_bare",
    "home_vs_bare",
    "topic_queries_warm",
    "topic_queries_cold",
    "home_queries",
    "topic_page_feature_cost",
    "search_filter_cost",
    "search_vs_bare",
    "topic_growth_100x",
    "board_growth_100x",
    "settings_queries",
    "topic_page_with_charter_cost",
    "post_write_vs_core",
    "decision_vs_core",
    "gate_cost",
    "queue_page_vs_bare",
    "queue_page_anew_vs_bare",
    "queue_growth_1000x",
    "concern_p99_ms_overload",
    "ticker_growth_100x",
    "privacy_recall",
    "privacy_precision",
    "risk_recall",
    "risk_false_prompts",
    "longest_loop_stall_ms",
    "broadcast_p99_vs_bare_200",
    "broadcast_p99_vs_bare_500",
    "broadcast_p99_vs_bare_1000",
    "broadcast_cpu_vs_bare_1000",
    "socket_kb",
    "socket_kb_after_talk",
    "send_ack_vs_insert",
    "send_ack_vs_tight_insert",
    "two_process_p99_ratio",
    "rooms_30x12_core",
    "rooms_30x12_pages",
    "first_visit_kb",
    "first_visit_requests",
)


def main() -> None:
    asked = sys.argv[1:] or list(PARTS)
    if unknown := set(asked) - set(PARTS):
        sys.exit(f"There is no {', '.join(sorted(unknown))}. Choose from: {', '.join(PARTS)}.")
    results: dict[str, Any] = machine.describe()
    with tempfile.TemporaryDirectory(prefix="cg-bench-") as name:
        for part in asked:
            results |= PARTS[part](Path(name))
    shown = {key: round(value, 3) if isinstance(value, float) else value for key, value in results.items()}
    for name in NAMES:
        if name in shown:
            print(name, "not-measured" if shown[name] is None else shown[name])
    if asked == list(PARTS):
        RESULTS.write_text(json.dumps(shown, indent=1) + "\n")


def _on_sqlite(folder: Path) -> dict[str, Any]:
    place = places.sqlite(folder, "sqlite")
    forum = build(place.app, POSTS)
    found: dict[str, Any] = {}
    found |= counting.measure(place, forum)
    found |= pages.measure_all(place, forum)
    found |= features.measure(place, forum)
    found |= rules.measure(place, forum)
    found |= visiting.measure(place, forum)
    found |= stalls.measure(place, forum)
    found |= writing.measure(place, forum)
    found |= detecting.measure(place, forum)
    found |= deciding.measure(place, forum)
    return found


def _on_postgres(folder: Path) -> dict[str, Any]:
    place = places.postgres(folder, "postgres")
    return pages.measure_topic(place, build(place.app, POSTS)) if place else {"topic_page_postgres_vs_bare": None}


def _rooms(folder: Path) -> dict[str, Any]:
    return rooms.measure(places.sqlite(folder, "rooms")) | rooms_load.measure(places.sqlite(folder, "small_rooms"))


#: What can be measured by itself, in the order of a whole run.
PARTS: dict[str, Callable[[Path], dict[str, Any]]] = {
    "sqlite": _on_sqlite,
    "postgres": _on_postgres,
    "growth": growth.measure,
    "searching": searching.measure,
    "queue": queue.measure,
    "rooms": _rooms,
    "safeguarding": safeguarding.measure,
}


if __name__ == "__main__":
    main()
