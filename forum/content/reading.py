"""Reading content files, so that whoever edits one is told what to mend and where.

These files are edited by people who run a service, not by programmers. A mistake must be found when the
program starts, and the message must name the file, the line and what to do.
"""

import re
import tomllib
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import Any

Headers = dict[str, list[int]]


class ContentError(Exception):
    """A content file cannot be used; the message says where and what to do."""


@dataclass(frozen=True)
class Entry:
    """One table of a content file, which knows where it stands."""

    values: dict[str, Any]
    place: str  #: for the message, as in "crisis.toml, contact 2 (line 31)"
    headers: Headers  #: line numbers of each [[name]] in the file

    def text(self, key: str, default: str | None = None) -> str:
        """Give the words under a key, without the spaces around them.

        :param default: what an absent key means; None if the key must be there.
        :raises ContentError: absent without a default, empty, or not text.
        """
        if key not in self.values and default is not None:
            return default
        value = self.values.get(key)
        if not isinstance(value, str) or not value.strip():
            raise self.wrong(key, f'write {key} = "some words" here')
        return value.strip()

    def one_of(self, key: str, choices: tuple[str, ...], default: str | None = None) -> str:
        """Give one of a few known words.

        :raises ContentError: any other word.
        """
        value = self.text(key, default)
        if value not in choices:
            raise self.wrong(key, f"“{value}” is not known; use one of: {', '.join(choices)}")
        return value

    def number(self, key: str, least: int, most: int, default: int | None = None) -> int:
        """Give a whole number between two bounds, both included.

        :raises ContentError: absent without a default, not a whole number, or out of bounds.
        """
        value = self.values.get(key, default)
        if type(value) is not int or not least <= value <= most:
            raise self.wrong(key, f"write a whole number from {least} to {most}")
        return value

    def flag(self, key: str) -> bool:
        """Give true or false; absent means false.

        :raises ContentError: anything else.
        """
        value = self.values.get(key, False)
        if not isinstance(value, bool):
            raise self.wrong(key, "write true or false, without quotes")
        return value

    def texts(self, key: str) -> tuple[str, ...]:
        """Give a list of words.

        :raises ContentError: absent, empty, or not all text.
        """
        value = self.values.get(key)
        if not isinstance(value, list) or not value or not all(isinstance(item, str) for item in value):
            raise self.wrong(key, f'write {key} = ["one", "two"]')
        return tuple(value)

    def entry(self, key: str) -> "Entry":
        """Give the one table under a key.

        :raises ContentError: absent, or not a table.
        """
        value = self.values.get(key)
        if not isinstance(value, dict):
            raise self.wrong(key, f"add a part that begins with [{key}]")
        return Entry(value, f"{self.place}, {key}", {})

    def entries(self, key: str) -> "tuple[Entry, ...]":
        """Give the tables under a key, in the order of the file; none if the key is absent.

        :raises ContentError: not a list of tables.
        """
        value = self.values.get(key, [])
        if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
            raise self.wrong(key, f"begin each one with [[{key}]]")
        lines = self.headers.get(key, [])
        return tuple(
            Entry(item, f"{self.place}, {key} {n}{_line(lines, n)}", {}) for n, item in enumerate(value, start=1)
        )

    def only(self, *known: str) -> "Entry":
        """Refuse keys that nothing reads: a misspelt key would otherwise be lost in silence.

        :raises ContentError: naming the first unknown key.
        """
        for key in self.values:
            if key not in known:
                raise self.wrong(key, f"this word is not known here; known are: {', '.join(known)}")
        return self

    def wrong(self, key: str, advice: str) -> ContentError:
        """Make the error for one key; the caller raises it."""
        return ContentError(f"{self.place}, {key}: {advice}.")


def read_entry(path: Path) -> Entry:
    """Read a whole content file.

    :raises ContentError: the file is missing, or is not TOML; the message then gives line and column.
    """
    try:
        source = path.read_text(encoding="utf-8")
        values = tomllib.loads(source)
    except OSError as error:
        raise ContentError(
            f"{path}: the file cannot be read ({error.strerror}). Put it back or mend the path."
        ) from error
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ContentError(f"{path.name}: the file is not written as TOML asks: {error}.") from error
    return Entry(values, path.name, _header_lines(source))


def _header_lines(source: str) -> Headers:
    found: Headers = defaultdict(list)
    for number, line in enumerate(source.splitlines(), start=1):
        if header := re.match(r"\[\[([\w-]+)\]\]", line):
            found[header[1]].append(number)
    return dict(found)


def _line(lines: list[int], n: int) -> str:
    return f" (line {lines[n - 1]})" if n <= len(lines) else ""
