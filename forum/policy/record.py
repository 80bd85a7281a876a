"""The port for what must stand in the record: moderation plugs its audit chain in, which the forum cannot see.

Ids and codes only. Ids are kept as digests that somebody with the keyring can compare, and nobody else.
"""

from typing import Protocol

#: Who acts when the command line does.
OPERATOR = b"operator"


class Note(Protocol):
    """What moderation offers the forum."""

    def __call__(self, action: str, actor: bytes, subject: bytes, codes: str = "") -> None:
        """Step: one more entry, in the transaction of what it is about. Raising undoes both."""


def _nowhere(action: str, actor: bytes, subject: bytes, codes: str = "") -> None:
    raise LookupError("Nothing keeps the record, so nothing that belongs in it may happen.")


_note: Note = _nowhere


def plug(note: Note) -> None:
    """Use `note` from now on."""
    global _note
    _note = note


def note(action: str, actor: bytes, subject: bytes, codes: str = "") -> None:
    """Step: one more entry of the record, before the act that it tells of ends. If it raises, nothing is saved.

    :param action: such as `group.make`, at most 40 characters. :param actor: a persona, or the account of an admin, or
        OPERATOR; never the account of a member. :param codes: rule ids and choices, at most 200 characters, never free text.
    """
    _note(action, actor, subject, codes)
