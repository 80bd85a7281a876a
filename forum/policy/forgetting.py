"""The port for what other parts keep about a persona: each is told when nothing of it may stay.

Leaving can be undone for some weeks; this is what happens when it cannot any more.
"""

from collections.abc import Callable

from forum.base.keyring import Scope

Forget = Callable[[Scope, bytes], None]
_parts: dict[str, Forget] = {}


def register(part: str, forget: Forget) -> None:
    """Call `forget`, a step, with a persona that is forgotten for good."""
    _parts[part] = forget


def forget(scope: Scope, persona_id: bytes) -> None:
    """Step: whatever is kept about this persona elsewhere goes."""
    for part in _parts.values():
        part(scope, persona_id)
