"""What stolen backups add to what every member can guess: next to nothing, and the attack is good enough to notice.

All posts of a mask stand or fall together, so masks are counted where chance must be bounded. The two guesses are made
for the same masks, and a mask that both name rightly, or both wrongly, does not tell them apart. If backups add nothing,
each of the others falls to either side like a coin (McNemar 1947): the standard deviation of the difference between the
two shares is sqrt(masks that differ) / masks. Three of those are what chance may add.
"""

import math
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests import services
from tests.anonymity import attack, score
from tests.anonymity.score import Guesses
from tests.anonymity.test_world import Told, tell

PLANTS = ("author_token", "plain_read_marker", "answered_on")
PLANTED = tuple(word for plant in PLANTS for word in ("--plant", plant))
#: The most that decisions.md ("What the attack showed") grants to tags, seals made afresh and coarse sign-ins.
ALLOWED = 0.02
DEVIATIONS = 3.0
SEEDS = (7, 8, 9)


@dataclass(frozen=True)
class Compared:
    """A guess beside the better of the two public ones."""

    public: float  #: share of masks
    found: float
    chance: float  #: one standard deviation of their difference, if nothing was added

    @property
    def tells_more(self) -> bool:
        """More than was granted, and more than chance gives."""
        return self.found - self.public > ALLOWED + DEVIATIONS * self.chance


def best_public(told: Told) -> Guesses:
    """Ours, or the scorer's own."""
    guesses = (attack.public_guesses(told.folder), score.public_guess(told.public))
    return max(guesses, key=lambda g: scored(told, g).masks)


def scored(told: Told, guesses: Guesses) -> score.Score:
    return score.score(guesses, told.truth, told.public)


def compare(told: Told, guesses: Guesses) -> Compared:
    public = best_public(told)
    shown = {post["mask_id"] for _g, _c, post in score.posts_of(told.public) if "mask_id" in post}
    differ = sum((guesses.get(m) == told.truth[m]) != (public.get(m) == told.truth[m]) for m in shown)
    return Compared(scored(told, public).masks, scored(told, guesses).masks, math.sqrt(differ) / len(shown))


def stolen(told: Told, *seen: str, journals: bool = True) -> Guesses:
    """What the folder tells, with these of the planted tables in it."""
    hidden = [plant for plant in PLANTS if plant not in seen]
    return attack.dump_guesses(told.folder, hidden, journals=journals)


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Told:
    folder = tmp_path_factory.mktemp("world") / "w"
    return tell(folder, "--groups", "4", "--days", "12", *PLANTED)


@pytest.mark.timeout(300)
def test_l24_backups_tell_no_more_than_pages(small: Told) -> None:
    found = compare(small, stolen(small, journals=False))
    assert not found.tells_more, found


@pytest.mark.timeout(300)
def test_l24_backups_and_journals_tell_no_more_than_pages(small: Told) -> None:
    found = compare(small, stolen(small))
    assert not found.tells_more, found


@pytest.mark.timeout(300)
@pytest.mark.parametrize(("plant", "least"), [("author_token", 0.9), ("plain_read_marker", 0.8)])
def test_l24_the_attack_finds_a_planted_weakness(small: Told, plant: str, least: float) -> None:
    """The attack is good enough. So small a world has few masks, of which pages alone give away many: whether the
    comparison bounds chance well enough to notice is asked of the full worlds, at night."""
    guesses = stolen(small, plant, journals=False)
    assert scored(small, guesses).posts > least
    found = compare(small, guesses)
    assert found.found > found.public + ALLOWED


@pytest.mark.nightly
@pytest.mark.timeout(300)
def test_l24_the_attack_reads_dumps_of_postgresql(tmp_path: Path, postgres_server: services.Postgres) -> None:
    url = postgres_server.create_database("forum_attacked")
    told = tell(tmp_path / "w", "--groups", "4", "--days", "12", "--database", url, *PLANTED)
    for plant in PLANTS:
        assert scored(told, stolen(told, plant)).posts > scored(told, stolen(told)).posts


@pytest.mark.nightly
@pytest.mark.timeout(7200)
def test_l24_backups_of_three_full_worlds_add_two_points_at_most(tmp_path_factory: pytest.TempPathFactory) -> None:
    """In posts, as decisions.md counts; 20 groups, 40 days."""
    added = []
    for seed in SEEDS:
        told = tell(tmp_path_factory.mktemp(f"world-{seed}") / "w", *PLANTED, "--seed", str(seed))
        added.append(scored(told, stolen(told)).posts - scored(told, best_public(told)).posts)
        assert compare(told, stolen(told, "author_token", journals=False)).tells_more
        assert scored(told, stolen(told, "author_token")).posts > 0.9
        assert scored(told, stolen(told, "plain_read_marker")).posts > 0.8
    assert sum(added) / len(added) <= ALLOWED, added
