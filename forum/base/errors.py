"""What a use case may say instead of its result. Views and sockets turn these into pages and acknowledgements."""


class ForumError(Exception):
    """Something a person can be told. `message` is already in their language.

    :param message: what happened and what to do next, in plain words.
    """

    status = 500

    def __init__(self, message: str = "") -> None:
        super().__init__(message)
        self.message = message


class NotFound(ForumError):
    """No such thing, or none that this person may see: the two must look the same."""

    status = 404


class NotAllowed(ForumError):
    """This person may see it but may not do this now."""

    status = 403


class AgreeFirst(NotAllowed):
    """This person may do it once they answered the group's rules: the page leads there."""


class Invalid(ForumError):
    """The input cannot be taken as it is.

    :param field: the form field to point at, if there is one.
    """

    status = 422

    def __init__(self, message: str, field: str | None = None) -> None:
        super().__init__(message)
        self.field = field


class Conflict(ForumError):
    """Somebody else was first; nothing of theirs was overwritten."""

    status = 409


class TooMany(ForumError):
    """Slow down.

    :param retry_after: seconds until the next try is taken, at least 1.
    """

    status = 429

    def __init__(self, message: str, retry_after: int) -> None:
        super().__init__(message)
        self.retry_after = max(1, retry_after)


class Busy(ForumError):
    """The server cannot do this just now; the words typed are still on the screen."""

    status = 503


def origin(error: BaseException) -> str:
    """The kind of `error`, and the file and line that raised it, for a log.

    Never its text or a traceback: an exception quotes what it choked on, and that may be somebody's words.
    """
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    place = f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}" if trace else "unknown"
    return f"kind={type(error).__name__} at={place}"
