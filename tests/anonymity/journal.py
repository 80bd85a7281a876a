"""What SQLite's write-ahead log tells without the database that it belongs to: whole pages, commit by commit.

Formats: https://www.sqlite.org/walformat.html and https://www.sqlite.org/fileformat2.html (b-tree pages, records).
"""

import struct
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HEADER, FRAME_HEADER = 32, 24
INDEX_LEAF, TABLE_LEAF = 10, 13
INTEGER_SIZES = (0, 1, 2, 3, 4, 6, 8)

Values = tuple[Any, ...]


@dataclass(frozen=True)
class Page:
    """A leaf as one commit left it: the rows of a table (with their numbers) or of an index (number None)."""

    number: int
    rows: tuple[tuple[int | None, Values], ...]


def commits(file: Path, wanted: Callable[[Values], bool]) -> Iterator[list[Page]]:
    """The commits in the order in which they were made; those of earlier rounds of the file first.

    :param wanted: a page is read if its first row is.
    """
    rounds: dict[bytes, list[tuple[int, int, bytes]]] = defaultdict(list)
    for salts, number, size, page in _frames(file.read_bytes()):
        rounds[salts].append((number, size, page))
    for frames in reversed(rounds.values()):  # a new round overwrites the file from its front
        changed: list[Page] = []
        for number, size, page in frames:
            changed.append(Page(number, tuple(_rows_if(page, wanted))))
            if size:  # the size of the database: set in the last frame of a commit
                yield changed
                changed = []


def _frames(data: bytes) -> Iterator[tuple[bytes, int, int, bytes]]:
    if len(data) < HEADER:
        return
    page_size = struct.unpack_from(">I", data, 8)[0]
    step = FRAME_HEADER + page_size
    for at in range(HEADER, len(data) - step + 1, step):
        number, size = struct.unpack_from(">II", data, at)
        yield data[at + 8 : at + 16], number, size, data[at + FRAME_HEADER : at + step]


def _rows_if(page: bytes, wanted: Callable[[Values], bool]) -> Iterator[tuple[int | None, Values]]:
    rows = _rows(page)
    first = next(rows, None)
    if first is not None and wanted(first[1]):
        yield first
        yield from rows


def _rows(page: bytes) -> Iterator[tuple[int | None, Values]]:
    start = 100 if page.startswith(b"SQLite format 3") else 0
    if page[start] not in (INDEX_LEAF, TABLE_LEAF):
        return
    count = struct.unpack_from(">H", page, start + 3)[0]
    for (at,) in struct.iter_unpack(">H", page[start + 8 : start + 8 + 2 * count]):
        size, at = _varint(page, at)
        number = None
        if page[start] == TABLE_LEAF:
            number, at = _varint(page, at)
        values = _record(page[at : at + size])
        if values is not None:
            yield number, values


def _record(raw: bytes) -> Values | None:
    """The columns of a row, or None if a part of it lies on another page."""
    size, at = _varint(raw, 0)
    kinds, values, offset = [], [], size
    while at < size:
        kind, at = _varint(raw, at)
        kinds.append(kind)
    for kind in kinds:
        length = INTEGER_SIZES[kind] if kind <= 6 else 8 if kind == 7 else 0 if kind < 12 else (kind - 12) // 2
        part = raw[offset : offset + length]
        if len(part) < length:
            return None
        values.append(_value(kind, part))
        offset += length
    return tuple(values)


def _value(kind: int, part: bytes) -> Any:
    if kind == 0:
        return None
    if kind <= 6:
        return int.from_bytes(part, "big", signed=True)
    if kind == 7:
        return struct.unpack(">d", part)[0]
    if kind < 12:
        return kind - 8
    return part.decode("utf-8", "replace") if kind % 2 else part


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = 0
    for n in range(9):
        byte = data[at + n]
        if n == 8:
            return value << 8 | byte, at + 9
        value = value << 7 | byte & 0x7F
        if byte < 0x80:
            break
    return value, at + n + 1
