"""The next live meeting on a group's pages: rooms, which stand above groups, say how it is shown."""

from collections.abc import Callable

from markupsafe import Markup

from forum.policy.actor import Actor

Show = Callable[[Actor, bytes], Markup]


def _nothing(_actor: Actor, _group_id: bytes) -> Markup:
    return Markup("")


_show: Show = _nothing


def plug(show: Show | None) -> None:
    """Show it so from now on; None: there are no rooms."""
    global _show
    _show = show or _nothing


def show(actor: Actor, group_id: bytes) -> Markup:
    """What stands on the group's page about its next meeting, for a member; empty if none is planned."""
    return _show(actor, group_id)
