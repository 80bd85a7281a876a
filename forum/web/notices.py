"""What somebody is told wherever they look after their sign-in, from a part that the page itself does not know."""

from collections.abc import Callable

from markupsafe import Markup

#: For whoever holds the cookie with this hash.
Tell = Callable[[bytes | None], Markup]


def _nothing(_cookie_sha256: bytes | None) -> Markup:
    return Markup("")


_tell: Tell = _nothing


def plug(tell: Tell) -> None:
    """Use `tell` from now on."""
    global _tell
    _tell = tell


def about_me(cookie_sha256: bytes | None) -> Markup:
    """What this person has to know or to stop; mostly nothing."""
    return _tell(cookie_sha256)
