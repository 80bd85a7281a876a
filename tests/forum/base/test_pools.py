"""Slow work waits its turn beside the event loop, not in it: `forum.base.pools`."""

import json
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from forum.base.pools import MAX_WAITING, Pool

ROOT = Path(__file__).parents[3]
PREFACE = """
from gevent import monkey; monkey.patch_all()
import gevent, json, time
"""


def under_gevent(program: str) -> dict:
    """Run a program in a process of its own, patched as the server is, and return the JSON it prints."""
    command = [sys.executable, "-c", PREFACE + textwrap.dedent(program)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, cwd=ROOT)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_without_a_loop_the_call_is_made_at_once():
    assert Pool(waiting=0).run(divmod, 7, 2) == (3, 1)


def test_an_error_comes_out_where_the_call_was_made():
    with pytest.raises(ZeroDivisionError):
        Pool().run(divmod, 1, 0)


def test_a_refusal_in_the_thread_is_raised_here_and_not_printed():
    """S27: a traceback in the log would name what somebody's words went through."""
    program = PREFACE + textwrap.dedent(
        """
        from forum.base.pools import Pool
        def refuse(words):
            raise ValueError("refused: " + words)
        try:
            Pool().run(refuse, "canary")
        except ValueError as error:
            print(json.dumps(str(error)))
        """
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, cwd=ROOT)
    assert json.loads(done.stdout) == "refused: canary"
    assert done.stderr == ""


def test_a_full_queue_says_so_and_opens_again():
    seen = under_gevent("""
        from forum.base.errors import Busy
        from forum.base.pools import MAX_WAITING, Pool
        sleep = monkey.get_original("time", "sleep")
        pool, answers = Pool(), []
        def call():
            try:
                pool.run(sleep, 0.02); answers.append("done")
            except Busy as busy:
                answers.append(f"{busy.status} {bool(busy.message)}")
        gevent.joinall([gevent.spawn(call) for _ in range(MAX_WAITING + 4)])
        full = list(answers); call()
        def wrong(): raise ValueError("from the thread")
        try: pool.run(wrong)
        except ValueError as error: wrong = str(error)
        print(json.dumps({"full": full, "after": answers[-1], "wrong": wrong, "left": pool._taken}))
    """)
    assert seen["full"].count("done") == MAX_WAITING + 1
    assert seen["full"].count("503 True") == 3
    assert (seen["after"], seen["wrong"], seen["left"]) == ("done", "from the thread", 0)


def test_the_thread_speaks_the_callers_language():
    seen = under_gevent("""
        from contextvars import ContextVar
        from forum.base.pools import Pool
        language = ContextVar("language", default="none")
        def call(code, answers):
            language.set(code); answers[code] = pool.run(language.get)
        pool, answers = Pool(), {}
        gevent.joinall([gevent.spawn(call, code, answers) for code in ("en", "ur")])
        print(json.dumps(answers))
    """)
    assert seen == {"en": "en", "ur": "ur"}


STALL = """
    from forum.base import hashing, text
    gevent.get_hub().threadpool  # the loop's own, so that its start is not measured
    hashing.stretch("warm", b"12345678"); text.prepare("warm")
    worst = ("# a\\n" * 1_490) + " word" * 2_800
    longest, running = 0.0, True
    def watch():
        global longest
        while running:
            before = time.perf_counter(); gevent.sleep(0.001)
            longest = max(longest, time.perf_counter() - before - 0.001)
    watcher = gevent.spawn(watch); gevent.sleep(0.05); longest = 0.0
    work = [gevent.spawn({stretch}, f"secret {{n}}".encode(), b"12345678", hashing.COST) for n in range(8)]
    work += [gevent.spawn({render}, worst) for _ in range(4)]
    gevent.joinall(work, raise_error=True); running = False; watcher.join()
    print(json.dumps({{"longest": longest, "done": len(work)}}))
"""
IN_THE_POOLS = STALL.format(stretch="lambda s, salt, c: hashing.stretch(s.decode(), salt, c)", render="text.prepare")
IN_THE_LOOP = STALL.format(stretch="hashing._stretch", render="text._prepare")


def longest_stall(program: str, tries: int) -> float:
    return min(under_gevent(program)["longest"] for _ in range(tries))


def test_eight_sign_ins_and_four_of_the_worst_posts_hold_nobody_up():
    """Beside the loop the longest wait is a small part of what it is inside it: 21 to 27 ms against 790 ms, measured
    on a quiet machine. As a ratio, because a busy one is slower at both; `make bench` measures the milliseconds."""
    assert longest_stall(IN_THE_POOLS, tries=3) < longest_stall(IN_THE_LOOP, tries=1) / 3
