"""The run of a meeting against a plain list of what people should have done."""

from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from forum.rooms import run
from forum.rooms.run import Now, Part, Step

START = datetime(2026, 3, 2, 19, 0, tzinfo=UTC)
PLANNED = [step for step in Step if step is not Step.WIND_DOWN]
MINUTES = st.integers(1, run.MOST_MINUTES)
AGENDAS = st.lists(st.builds(Part, st.sampled_from(PLANNED), MINUTES), max_size=run.MOST_PARTS).map(tuple)


class Run(RuleBasedStateMachine):
    """A facilitator presses any button in any order. The model is the list of planned steps that are still to come."""

    @initialize(agenda=AGENDAS)
    def begin(self, agenda: run.Agenda) -> None:
        self.agenda, self.at, self.now = agenda, START, run.begin(agenda, START)
        self.to_come = [part.step for part in agenda]
        self.current: Step | None = self.to_come.pop(0) if self.to_come else None
        self.put_in_step: Step | None = None
        self.winding = False

    @rule(minutes=st.integers(0, 30))
    def time_goes_by(self, minutes: int) -> None:
        before = self.now
        self.at += timedelta(minutes=minutes)
        assert self.now == before, "no step ends by itself"

    @rule()
    def go_on(self) -> None:
        self.now = run.go_on(self.agenda, self.now, self.at)
        if self.winding:
            return
        if self.put_in_step is not None:
            self.put_in_step = None
        elif self.to_come:
            self.current = self.to_come.pop(0)
        else:
            self.winding = True

    @rule(step=st.sampled_from(PLANNED), minutes=MINUTES)
    def put_in(self, step: Step, minutes: int) -> None:
        self.now = run.put_in(self.now, step, minutes, self.at)
        if not self.winding:
            self.put_in_step = step

    @rule(minutes=MINUTES)
    def more_and_less(self, minutes: int) -> None:
        longer = run.lengthen(self.now, minutes, self.at)
        if self.now.step:
            assert longer.until is not None
            assert longer.until >= self.at + timedelta(minutes=minutes)
            assert not run.is_over(longer, self.at)
        back = run.shorten(longer, minutes, self.at)
        assert back.until is None or back.until >= self.at
        if self.now.until is not None and self.now.until >= self.at:
            assert back == self.now
        self.now = longer

    @rule(minutes=MINUTES)
    def shorter(self, minutes: int) -> None:
        self.now = run.shorten(self.now, minutes, self.at)

    @rule()
    def end(self) -> None:
        self.now = run.wind_down(self.agenda, self.at)
        self.winding = True

    @invariant()
    def people_do_what_the_list_says(self) -> None:
        expected = Step.WIND_DOWN if self.winding else self.put_in_step or self.current
        assert self.now.step == expected
        assert run.read_now(run.write_now(self.now), self.now.until) == self.now
        assert len(run.write_now(self.now)) <= 20, "the column is as wide"


TestRun = Run.TestCase
TestRun.settings = settings(max_examples=60, stateful_step_count=25, deadline=None)


@given(AGENDAS)
def test_a_plan_is_read_as_it_was_written(agenda: run.Agenda) -> None:
    assert run.read_agenda(run.write_agenda(agenda)) == agenda


def test_a_step_that_a_later_program_wrote_is_simply_talk() -> None:
    assert run.read_now("3.juggling", START) == Now(3)
    assert run.read_agenda('[["juggling", 5], ["break", 5]]') == (Part(Step.BREAK, 5),)


def test_people_hear_ten_minutes_before_the_end_and_not_sooner() -> None:
    ends = START + timedelta(minutes=60)
    assert not run.is_near_end(ends, START + timedelta(minutes=49, seconds=59))
    assert run.is_near_end(ends, START + timedelta(minutes=50))
    assert not run.is_near_end(None, START)


def test_after_a_break_the_talk_goes_on_where_it_was_and_without_an_end_in_the_past() -> None:
    talking = run.go_on(run.USUAL, run.go_on(run.USUAL, run.begin(run.USUAL, START), START), START)
    assert talking.step is Step.DISCUSSION
    resting = run.put_in(talking, Step.BREAK, 10, START)
    again = run.go_on(run.USUAL, resting, START + timedelta(minutes=90))
    assert (again.step, again.until) == (Step.DISCUSSION, None)
    assert run.minutes_left(resting.until, START + timedelta(minutes=9, seconds=1)) == 1
