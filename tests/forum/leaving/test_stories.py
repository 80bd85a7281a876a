"""Leaving, undoing, coming in anew, taking back and time going by, in any order: the program against a small model.

Each post says one word of its own. A reader opens every topic after each step: a word is there exactly if the model says
that it stands, or might come or go in these very hours. Once the last day is over a word is in no table either.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

import pytest
from flask import Flask
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from forum.base import jobs
from forum.base.errors import NotAllowed, NotFound
from forum.base.keyring import Keyring
from forum.conversations import put_away, usecases
from forum.ground_rules import queries as rules_queries
from forum.ground_rules import usecases as rules
from forum.ground_rules.usecases import Answers
from forum.leaving import usecases as leaving
from forum.leaving.usecases import Hidden
from tests import conftest
from tests.anonymity.traces import everything
from tests.conftest import Clock, Database
from tests.world import Person, World, answers_for, conversation_url

pytestmark = pytest.mark.pages

#: Undoing is over after this many days; words under aliases that go at their own hour have up to four more.
DAYS, LATER = 21, timedelta(days=4)
STANDS, GONE, UNSURE = "stands", "gone", "unsure"


@dataclass
class Said:
    """A post as the model knows it. :param era: which persona of wren's wrote it. :param until: the last day to undo."""

    id: int
    word: str
    masked: bool
    era: int
    state: str = STANDS
    until: date | None = None
    settled_at: object = None


class Stories(RuleBasedStateMachine):
    """wren comes and goes; heron reads."""

    world: World

    def __init__(self) -> None:
        super().__init__()
        self.group = self.world.group()
        self.heron = self.world.person(self.group)
        self.wren: Person = self.world.person(self.group)
        self.topics = [self.world.topic(self.heron, f"Topic {n}") for n in range(2)]
        self.said: list[Said] = []
        self.era, self.inside = 0, True
        self.left_until: date | None = None
        self.words_until: date | None = None
        self.words_era = 0

    @property
    def today(self) -> date:
        """The day of the test's clock."""
        return self.world.moment.at.date()

    def _do(self, act: Callable[[], object]) -> None:
        with self.world.app.app_context():
            act()

    # --- What wren does ---

    @precondition(lambda self: self.inside)
    @rule(masked=st.booleans(), topic=st.sampled_from([0, 1]))
    def write(self, masked: bool, topic: int) -> None:
        if any(s.masked and s.era == self.era and s.state == UNSURE for s in self.said) and masked:
            return  # the alias is on its way out, and what is added to it goes along
        word = f"word{len(self.said)}x"
        post = self.world.reply(self.wren, self.topics[topic], word, masked=masked)
        self.said.append(Said(post, word, masked, self.era))

    @precondition(lambda self: self.inside and any(s.state == STANDS and s.era == self.era for s in self.said))
    @rule(data=st.data())
    def withdraw_one(self, data: st.DataObject) -> None:
        one = data.draw(st.sampled_from([s for s in self.said if s.state == STANDS and s.era == self.era]))
        self._do(lambda: usecases.withdraw_post(self.wren.actor, one.id))
        one.state, one.until = GONE, None

    @precondition(lambda self: self.inside)
    @rule(hidden=st.sampled_from(list(Hidden)))
    def take_back(self, hidden: Hidden) -> None:
        self._do(lambda: leaving.take_words_back(self.wren.actor, self.group.scope, hidden))
        self._run()
        self._went(hidden)

    @precondition(lambda self: self.inside)
    @rule(hidden=st.sampled_from([None, *Hidden]))
    def leave(self, hidden: Hidden | None) -> None:
        self._do(lambda: leaving.leave_group(self.wren.actor, self.group.scope, hidden))
        self._run()
        self.inside, self.left_until = False, self.today + timedelta(days=DAYS)
        if hidden:
            self._went(hidden)

    def _went(self, hidden: Hidden) -> None:
        self.words_until, self.words_era = self.today + timedelta(days=DAYS), self.era
        for one in self.said:
            if one.era != self.era or (one.masked and hidden is Hidden.STAY):
                continue
            if one.state == STANDS or (one.state == UNSURE and not one.until):
                apart = one.masked and hidden is Hidden.APART
                one.state = UNSURE if apart else GONE
                one.until = None if apart else self.today + timedelta(days=DAYS)
            elif one.state == UNSURE and hidden is Hidden.NOW:
                one.state, one.until = GONE, self.today + timedelta(days=DAYS)

    @rule()
    def bring_back(self) -> None:
        def act() -> None:
            leaving.bring_words_back(self.wren.actor, self.group.scope)

        if self.words_until is None or self.today > self.words_until or self.words_era != self.era:
            with pytest.raises(NotFound):
                self._do(act)
            return
        self._do(act)
        self._run()
        self.words_until = None
        for one in self.said:
            if one.era == self.era and one.until and self.today <= one.until:
                one.state, one.until = (UNSURE, one.until) if one.masked else (STANDS, None)

    @precondition(lambda self: not self.inside)
    @rule()
    def come_back(self) -> None:
        def act() -> None:
            leaving.come_back(self.wren.actor, self.group.scope)

        if self.left_until is None or self.today > self.left_until:
            with pytest.raises(NotFound):
                self._do(act)
            return
        self._do(act)
        self.inside, self.left_until = True, None

    @precondition(lambda self: not self.inside)
    @rule()
    def join_anew(self) -> None:
        """Through the door, as anybody: only once nothing leads to who they were."""
        with self.world.app.app_context():
            found = rules_queries.find_rules(self.group.scope.group_id)
            assert found
            name = f"Newcomer {'abcdefghijklmnop'[self.era]}{'qrstuvwx'[len(self.said) % 8]}"
            answers = Answers(answers_for(found))
            early = self.left_until is not None and self.today <= self.left_until
            if early:
                with pytest.raises(NotAllowed):
                    rules.join_group(self.wren.actor, self.group.scope, name, answers, shared=False)
                return
            rules.join_group(self.wren.actor, self.group.scope, name, answers, shared=False)
        self.era, self.inside, self.left_until = self.era + 1, True, None

    # --- Time ---

    @rule(days=st.sampled_from([1, 4, 10, 22]))
    def pass_days(self, days: int) -> None:
        for _n in range(days):
            self.world.moment.go(days=1)
            self._run()
        self.wren, self.heron = (self.world.signed_in_again(one) for one in (self.wren, self.heron))
        if days >= LATER.days:
            for one in self.said:
                if one.state == UNSURE:  # by now it went, or came back
                    one.state = STANDS if one.until else GONE

    def _run(self) -> None:
        with self.world.app.app_context():
            while jobs.run_due():
                pass
            put_away.purge()

    # --- What must hold ---

    @invariant()
    def readers_see_what_stands(self) -> None:
        pages = "".join(self.heron.get(conversation_url(topic)).text for topic in self.topics)
        for one in self.said:
            if one.state != UNSURE:
                assert (one.word in pages) is (one.state == STANDS), one

    @invariant()
    def what_is_gone_is_in_no_table(self) -> None:
        with self.world.app.app_context():
            kept = str(everything()["post"]) + str(everything()["post_version"])
        for one in self.said:
            if one.state == GONE:
                assert one.word not in kept, one

    @invariant()
    def only_members_come_in(self) -> None:
        assert (self.wren.get(conversation_url(self.topics[0])).status_code == 200) is self.inside


def test_any_story_of_leaving_keeps_its_promises(
    app: Flask, database: Database, ring: Keyring, moment: Clock, request: pytest.FixtureRequest
) -> None:
    class Told(Stories):
        def __init__(self) -> None:
            with app.app_context():
                database.reset()
            conftest.forget(ring)
            moment.at = conftest.START
            type(self).world = World(app, moment)
            super().__init__()

    nightly = request.config.getoption("-m") == "nightly"
    run_state_machine_as_test(
        Told,
        settings=settings(
            max_examples=60 if nightly else 8,
            stateful_step_count=14,
            deadline=None,
            derandomize=not nightly,
            phases=(Phase.explicit, Phase.generate) if not nightly else tuple(Phase),
            suppress_health_check=list(HealthCheck),
        ),
    )
