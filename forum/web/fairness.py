"""One process serves everyone in turn."""

from collections.abc import Callable, Iterable
from typing import Any

from forum.base.pace import Turn, let_others_go_on
from forum.web.headers import Wsgi
from forum.web.overload import Overload

#: A few pages. To let go before each of them took as long as the rest of a short one.
TURN_S = 0.005


class Fair:
    """WSGI that lets the others go on, every few pages.

    A browser that asks again at once would otherwise keep the event loop: with 32 of them some waited two seconds for a
    page of two milliseconds. How long the others took says how crowded it is.
    """

    def __init__(self, inner: Wsgi, overload: Overload) -> None:
        self._inner, self._turn, self._overload = inner, Turn(TURN_S), overload

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        if self._turn.is_over():
            self._overload.note_turn(let_others_go_on())
        return self._overload.ask(self._inner, environ, start_response)
