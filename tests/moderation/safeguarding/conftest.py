"""A group whose people are called, for the tests of what happens to a concern."""

import pytest

from tests.safeguarding import Tier, arm
from tests.world import GroupHere, World


@pytest.fixture
def group(world: World) -> GroupHere:
    """A group whose people are called, once `tier` is there."""
    return world.group()


@pytest.fixture
def tier(world: World, group: GroupHere) -> Tier:
    """Its officers."""
    return arm(world, group)
