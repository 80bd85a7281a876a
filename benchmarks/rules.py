"""What it costs that a group's rules bind what the program does.

`settings_queries`: what a request asks more of the database when this process does not know yet what holds in the group.
`topic_page_with_charter_cost`: a topic's page under rules that bind everything and an organisation that asks for more,
beside the same page where nothing is bound. Both in one process, in turn; the median of the rounds.
"""

import statistics
import time
from unittest import mock

from benchmarks.dataset import Forum
from benchmarks.places import Place
from forum.policy import terms
from forum.policy.bindings import REGISTRY
from tests.binding import bind, set_floor
from tests.statements import statements

ROUNDS, PAGES = 9, 60


def measure(place: Place, forum: Forum) -> dict[str, float]:
    """Both figures. The group keeps its starter rules afterwards, and its organisation asks for nothing."""
    scope = forum.group.scope
    with place.app.app_context():
        before = terms.of_group(scope.group_id)
        bind(scope, {key: binding.default for key, binding in REGISTRY.items()})
        set_floor(scope, {key: binding.default for key, binding in REGISTRY.items()})
        found = {"settings_queries": _queries(forum), "topic_page_with_charter_cost": _cost(forum)}
        set_floor(scope, {})
        bind(scope, {key: before.values[key] for key in before.rules})
    return found


def _queries(forum: Forum) -> int:
    forum.open(forum.topic)
    with statements() as said:
        forum.open(forum.topic)
        known = len(said)
        terms.forget()
        forum.open(forum.topic)
    return len(said) - 2 * known


def _cost(forum: Forum) -> float:
    ratios = []
    for _round in range(ROUNDS):
        bound = _seconds(forum)
        with mock.patch.object(terms, "find", return_value=terms.NOTHING_SAID):
            ratios.append(bound / _seconds(forum))
    return statistics.median(ratios)


def _seconds(forum: Forum) -> float:
    forum.open(forum.topic)
    start = time.perf_counter()
    for _page in range(PAGES):
        forum.open(forum.topic)
    return time.perf_counter() - start
