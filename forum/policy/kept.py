"""The port for what is kept about words although they are gone: moderation plugs its sealed evidence in."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from forum.base.keyring import Scope


@dataclass(frozen=True)
class Kept:
    """One sealed copy.

    :param until_on: its last day. :param decided: a person of the team decided about it; else it waited for one.
    :param body: what it holds, for the author's own copy.
    """

    post_id: int
    until_on: date
    decided: bool
    body: str


class Keeper(Protocol):
    """What moderation offers the forum."""

    def __call__(self, scope: Scope, post_ids: Sequence[int]) -> list[Kept]:
        """The sealed copies about these posts, for their author."""


def _nothing(scope: Scope, post_ids: Sequence[int]) -> list[Kept]:
    return []


_keeper: Keeper = _nothing


def plug(keeper: Keeper) -> None:
    """Use `keeper` from now on."""
    global _keeper
    _keeper = keeper


def list_kept(scope: Scope, post_ids: Sequence[int]) -> list[Kept]:
    """What is kept sealed about these posts, and until when. Ask it for their author alone."""
    return _keeper(scope, post_ids)
