"""What the detectors find in the labelled sentences that they were not tuned on, and what the gate adds to posting.

`gate_cost` is the time that the gate adds to `usecases.submit_post` with the question before it, over its time with a gate
that looks at nothing and lets everything through; `gate_cost_of_request` is the same of the whole request of a post, which
hides more of it and is only reported. The two gates take turns with every post, and
the medians are compared, so that a busy machine slows both. Honest posts of 600 letters, as in the other benchmarks.
"""

import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from http import HTTPStatus
from typing import Any

from benchmarks.dataset import Forum
from benchmarks.places import Place
from forum.base.idents import new_ident, write_ident
from forum.conversations import usecases
from forum.conversations.prepare import Words
from forum.policy import gate
from forum.policy.gate import Situation, Verdict, Wait, Waiting
from forum.web import csrf
from moderation.gate import ModerationGate
from tests.moderation.sentences.reading import list_sentences
from tests.moderation.sentences.reading import measure as measure_sentences
from tests.world import BASE, conversation_url

POSTS = 300
#: About as long as the posts of the other benchmarks, and no two of them alike.
SAID = (
    "after another appointment I walked home along the river and thought about what you wrote here last week. It helped "
    "to read that somebody else lies awake at four. My sister rang and we talked for an hour about nothing much, which "
    "was good. The tablets make me slow in the mornings, but the afternoons are mine again. I can't say it gets easy, "
    "and I want to be honest about that: some nights I sit in the kitchen with the lights on. Thank you for asking me "
    "how it went. I would not have told anybody at work, and at home they are as tired as I am by the end of the week."
)


class LetsAllThrough(ModerationGate):
    """Looks at nothing and holds nothing."""

    def screen(self, body: str, words: frozenset[str], lang: str) -> Any:
        """Nothing."""

    def questions(self, body: str, words: frozenset[str]) -> Any:
        """Nothing."""

    def decide(self, findings: Any, situation: Situation) -> Verdict:
        """All of it goes out."""
        return Verdict(hold=False)

    def record(self, post: Waiting, verdict: Verdict) -> None:
        """Nothing waits."""

    def find_wait(self, post_id: int) -> Wait | None:
        """Nothing waits."""
        return None


def measure(place: Place, forum: Forum) -> dict[str, float | None]:
    """Every figure of the detectors, with those of each language, and gate_cost."""
    with place.app.app_context():
        of_usecase = _gate_cost(lambda body: _through_usecase(forum, body))
    token = forum.reader.form_token()
    of_request = _gate_cost(lambda body: _through_request(forum, body, token))
    return {**figures(), "gate_cost": of_usecase, "gate_cost_of_request": of_request}


def figures() -> dict[str, float | None]:
    """Of the half that nobody tuned on: of English, beside the worse of the two columns of labels, and of the others."""
    kept = [one for one in list_sentences() if not one.for_tuning]
    english = [one for one in kept if one.lang == "en"]
    found: dict[str, float | None] = {**asdict(measure_sentences(english))}
    for column in ("first", "second"):
        found |= {f"{name}_{column}": value for name, value in asdict(measure_sentences(english, column)).items()}
    for lang in sorted({one.lang for one in list_sentences()} - {"en"}):  # nobody tuned on any of them
        said = [one for one in list_sentences() if one.lang == lang]
        found |= {f"{name}_{lang}": value for name, value in asdict(measure_sentences(said)).items()}
        found[f"sentences_{lang}"] = len(said)
    return found | {"sentences_en": len(english)}


def _gate_cost(post: Callable[[str], None]) -> float:
    gates = (LetsAllThrough(), ModerationGate())
    took: tuple[list[float], list[float]] = ([], [])
    for n in range(2 * POSTS):
        with _plugged(gates[n % 2]):
            start = time.perf_counter()
            post(f"Number {n}, {SAID}")
            took[n % 2].append(time.perf_counter() - start)
    without, ours = (statistics.median(times) for times in took)
    return ours / without - 1


@contextmanager
def _plugged(one: ModerationGate) -> Iterator[None]:
    before = gate._gate
    gate.plug(one)
    try:
        yield
    finally:
        gate.plug(before)


def _through_usecase(forum: Forum, body: str) -> None:
    gate.questions(body, frozenset())
    usecases.submit_post(forum.reader.actor, forum.topic_id, Words(body), write_ident(new_ident()))


def _through_request(forum: Forum, body: str, token: str) -> None:
    form = {"body": body, "token": write_ident(new_ident()), csrf.FIELD: token}
    answer = forum.reader.client.post(f"{conversation_url(forum.topic_id)}/posts", data=form, base_url=BASE)
    if answer.status_code != HTTPStatus.SEE_OTHER:
        raise RuntimeError(f"A post was answered with {answer.status_code}.")
