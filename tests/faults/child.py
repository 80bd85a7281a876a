"""What the child of these tests serves: the program as it is deployed, or one of its bad twins.

A twin is the program with one promise broken. The checker that passes the program has to catch each of them, or it
checks nothing (decisions.md §8). Chosen by FORUM_TWIN; without it the program itself is served.
"""

import io
import os
from collections.abc import Callable, Collection, Iterable
from datetime import timedelta
from typing import Any

from sqlalchemy import delete
from werkzeug.wsgi import ClosingIterator

import wsgi
from forum.base import failpoints, jobs, transaction
from forum.conversations import lifecycle, steps
from forum.policy import gate
from moderation import decisions
from moderation.gate import ModerationGate

App = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]

#: Nobody waits ten seconds for a post, or thirty for a dead worker's lease, in a test of what becomes of them.
SENDING = timedelta(milliseconds=300)
LEASE = timedelta(seconds=2)


def create_app() -> Any:
    """The program, with shorter waits and one more place to die: when the reply has gone out."""
    lifecycle.SENDING, jobs.LEASE = SENDING, LEASE
    app = wsgi.create_app()
    app.wsgi_app = DiesAfterReply(app.wsgi_app)
    _GATES.get(os.environ.get("FORUM_GATE", ""), lambda: None)()
    TWINS[os.environ.get("FORUM_TWIN", "")](app)
    return app


class DiesAfterReply:
    """Reaches "after reply" once a post's answer is on its way."""

    def __init__(self, app: App) -> None:
        self.app = app

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        answer = self.app(environ, start_response)
        if not is_post(environ):
            return answer
        return ClosingIterator(answer, lambda: failpoints.reach("after reply"))


def is_post(environ: dict[str, Any]) -> bool:
    """Whether somebody is posting words."""
    return environ["REQUEST_METHOD"] == "POST" and str(environ["PATH_INFO"]).endswith("/posts")


# --- Twins -------------------------------------------------------------------------------------------------------


class CommitsAfterReply:
    """Says "it is posted" first, and does everything else, the commit included, once the reply is on its way."""

    def __init__(self, app: App) -> None:
        self.app = app

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        if not is_post(environ):
            return self.app(environ, start_response)
        words = environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))
        environ["wsgi.input"] = io.BytesIO(words)
        start_response("303 See Other", [("Location", "/"), ("Content-Length", "0")])
        return ClosingIterator([b""], lambda: self._post(environ))

    def _post(self, environ: dict[str, Any]) -> None:
        for _part in self.app(environ, lambda *_args: None):
            pass


def commit_after_reply(app: Any) -> None:
    """Acknowledges what is not kept yet."""
    app.wsgi_app = CommitsAfterReply(app.wsgi_app)


def forget_tokens(_app: Any) -> None:
    """Does not remember which form became which post."""
    steps._keep_form = lambda *_args: None  # type: ignore[assignment]


def finish_first(_app: Any) -> None:
    """Takes a job off the list when it is claimed, and does it afterwards."""
    claim = jobs._claim

    def claim_and_finish(limit: int, which: Collection[str] | None) -> list[Any]:
        claimed = claim(limit, which)
        if claimed:
            with transaction.transaction():
                transaction.here().execute(delete(jobs.Job).where(jobs.Job.id.in_([job.id for job in claimed])))
        return claimed

    jobs._claim, jobs._complete = claim_and_finish, lambda *_args: True


def record_later(_app: Any) -> None:
    """Keeps the post in one transaction and what must be looked at in another."""

    class Later(ModerationGate):
        def record(self, post: gate.Waiting, verdict: gate.Verdict) -> None:
            transaction.after_commit(lambda: self._record(post, verdict))

        def _record(self, post: gate.Waiting, verdict: gate.Verdict) -> None:
            with transaction.transaction():
                super().record(post, verdict)

    gate.plug(Later())


def effect_later(_app: Any) -> None:
    """Keeps a decision in one transaction and what it does in another."""
    carry_out = decisions._carry_out

    def later(*args: Any) -> None:
        def then() -> None:
            with transaction.transaction():
                carry_out(*args)

        transaction.after_commit(then)

    decisions._carry_out = later


TWINS: dict[str, Callable[[Any], None]] = {
    "": lambda _app: None,
    "commit_after_reply": commit_after_reply,
    "forget_tokens": forget_tokens,
    "finish_first": finish_first,
    "record_later": record_later,
    "effect_later": effect_later,
}


# --- A gate in trouble -------------------------------------------------------------------------------------------


class SlowGate(ModerationGate):
    """Takes two seconds to look at a text."""

    def screen(self, body: str, words: frozenset[str], lang: str) -> Any:
        """Hold up the thread it runs in, as a long calculation would; gevent's own sleep would let others go on."""
        _really_sleep(2)
        return super().screen(body, words, lang)


class BrokenScreen(ModerationGate):
    """Falls over the text."""

    def screen(self, body: str, words: frozenset[str], lang: str) -> Any:
        """Fail."""
        raise ValueError(f"cannot read {body}")


class BrokenDecide(ModerationGate):
    """Falls over its own findings."""

    def decide(self, findings: Any, situation: gate.Situation) -> gate.Verdict:
        """Fail."""
        raise ValueError("no verdict")


class BrokenRecord(ModerationGate):
    """Cannot open a case."""

    def record(self, post: gate.Waiting, verdict: gate.Verdict) -> None:
        """Fail."""
        raise ValueError(f"cannot keep {post.body}")


def _really_sleep(seconds: float) -> None:
    from gevent import monkey

    monkey.get_original("time", "sleep")(seconds)


def _slow_in_the_loop() -> None:
    """The bad twin of a slow gate: no thread apart, so everybody waits."""
    from forum.base import pools

    pools.Pool.run = lambda _self, call, *args, **kwargs: call(*args, **kwargs)  # type: ignore[method-assign]
    gate.plug(SlowGate())


_GATES: dict[str, Callable[[], None]] = {
    "slow": lambda: gate.plug(SlowGate()),
    "slow in the loop": _slow_in_the_loop,
    "screen": lambda: gate.plug(BrokenScreen()),
    "decide": lambda: gate.plug(BrokenDecide()),
    "record": lambda: gate.plug(BrokenRecord()),
}
