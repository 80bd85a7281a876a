"""After a restore the world has gone on: what each part has to do before anybody comes in again."""

from collections.abc import Callable

#: Does its part in transactions of its own and gives how many rows it changed. Safe to repeat.
Step = Callable[[], int]
_steps: dict[str, Step] = {}


def after_restore(words: str, step: Step) -> None:
    """Have `step` done after a restore.

    :param words: for the operator, what it did to so many things.
    """
    _steps[words] = step


def list_steps() -> list[tuple[str, Step]]:
    """What has to be done, in the order in which it was told."""
    return list(_steps.items())
