"""Wrong tries cost time, never the way back in."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from forum.accounts import slowing
from forum.accounts.slowing import Slowing, home_of
from forum.base.errors import TooMany
from tests.conftest import Clock


@pytest.fixture(autouse=True)
def plain_words(monkeypatch: pytest.MonkeyPatch) -> None:
    """The message without a request to take the language from."""
    monkeypatch.setattr(slowing, "_", lambda text, **values: text % values)


def wait_of(tries: Slowing, address: str = "192.0.2.1") -> int:
    try:
        tries.check(address)
    except TooMany as error:
        return error.retry_after
    return 0


def test_three_slips_cost_nothing_then_the_wait_doubles_up_to_half_a_minute(moment: Clock) -> None:
    tries, waits = Slowing(), []
    for _n in range(11):
        waits.append(wait_of(tries))
        moment.go(seconds=waits[-1])
        tries.miss("192.0.2.1")
    assert waits == [0, 0, 0, 0, 1, 2, 4, 8, 16, 30, 30]


def test_being_refused_does_not_lengthen_the_wait(moment: Clock) -> None:
    tries = Slowing()
    for _n in range(8):
        tries.miss("192.0.2.1")
    first = wait_of(tries)
    for _n in range(50):
        wait_of(tries)
    moment.go(seconds=first - 1)
    assert wait_of(tries) == 1
    moment.go(seconds=1)
    assert wait_of(tries) == 0


def test_the_wait_is_said_in_whole_seconds_rounded_up(moment: Clock) -> None:
    tries = Slowing()
    for _n in range(4):
        tries.miss("192.0.2.1")
    moment.go(milliseconds=1)
    with pytest.raises(TooMany, match="Please wait 1 seconds") as refused:
        tries.check("192.0.2.1")
    assert refused.value.retry_after == 1


def test_a_right_try_forgets_the_slips(moment: Clock) -> None:
    tries = Slowing()
    for _n in range(6):
        tries.miss("192.0.2.1")
    tries.hit("192.0.2.1")
    assert wait_of(tries) == 0


def test_slips_are_forgotten_after_a_quarter_of_an_hour(moment: Clock) -> None:
    tries = Slowing()
    for _n in range(8):
        tries.miss("192.0.2.1")
    moment.go(minutes=15, seconds=1)
    tries.miss("192.0.2.1")
    assert wait_of(tries) == 0


def test_one_place_does_not_slow_another(moment: Clock) -> None:
    tries = Slowing()
    for _n in range(8):
        tries.miss("192.0.2.1")
    assert wait_of(tries, "192.0.2.2") == 0


def crowd(tries: Slowing, people: Callable[[int], str], misses: int = slowing.MISSES_A_MINUTE) -> None:
    for n in range(misses):
        tries.miss(people(n))


def test_many_places_together_slow_everyone_by_a_second(moment: Clock) -> None:
    tries = Slowing()
    crowd(tries, lambda n: f"198.51.100.{n}")
    assert wait_of(tries) == 1
    moment.go(minutes=1)
    assert wait_of(Slowing()) == 0
    assert wait_of(tries, "192.0.2.77") == 0


def test_who_waited_as_told_gets_a_try_whatever_strangers_do_meanwhile(moment: Clock) -> None:
    """Without it one script at every door, quicker than any thumb, would keep everybody out."""
    tries = Slowing()
    crowd(tries, lambda n: f"198.51.100.{n}")
    assert wait_of(tries) == 1
    moment.go(milliseconds=999)
    tries.miss("203.0.113.9")
    moment.go(milliseconds=1)
    assert wait_of(tries) == 0


def test_a_household_is_one_place_however_many_addresses_it_has() -> None:
    assert home_of("2001:db8::1") == home_of("2001:db8::ffff:1") != home_of("2001:db8:0:1::1")
    assert home_of("::ffff:192.0.2.1") == home_of("192.0.2.1") != home_of("192.0.2.2")
    assert home_of("fe80::1%eth0") == home_of("fe80::2")
    assert home_of("not an address") == "not an address"


def test_the_key_changes_every_day_and_nothing_of_the_address_is_kept(moment: Clock) -> None:
    tries = Slowing()
    before = tries.key_of("192.0.2.1")
    for _n in range(8):
        tries.miss("192.0.2.1")
    assert b"192.0.2.1" not in before
    assert "192.0.2.1" not in repr(tries.__dict__)
    moment.at += timedelta(days=1)
    assert tries.key_of("192.0.2.1") != before
    assert wait_of(tries) == 0


def test_memory_has_an_end(moment: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(slowing, "MOST_KEPT", 50)
    tries = Slowing()
    crowd(tries, lambda n: f"10.0.{n // 250}.{n % 250}", 2_000)
    assert len(tries._places) == 50
