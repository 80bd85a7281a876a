"""Column shapes that several tables share."""

import enum
from typing import Any

from sqlalchemy import Enum, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column


def state_of(kind: type[enum.StrEnum]) -> Enum:
    """A StrEnum stored as its value with a check constraint, alike on both databases."""
    return Enum(kind, native_enum=False, length=20, values_callable=_values, name=kind.__name__.lower())


def _values(kind: Any) -> list[str]:
    return [member.value for member in kind]


class Tagged:
    """A row found by tag, holding a sealed value: a stolen database tells neither whose it is nor what it says."""

    #: HMAC over the ids that lead here; see forum.base.tagged
    tag: Mapped[bytes] = mapped_column(LargeBinary(16), primary_key=True)
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    key_id: Mapped[str] = mapped_column(String(16), index=True)  #: which keys made it; a rotation looks for older ones
