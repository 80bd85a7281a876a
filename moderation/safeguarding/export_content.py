"""What is in a copy of a record, and what is left out of it: a function of its lines and of how it was taken."""

import hashlib
import io
import json
import re
import zipfile
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from moderation.detectors import personal
from moderation.safeguarding import chronology, export_pdf
from moderation.safeguarding.cases import Case
from moderation.safeguarding.chronology import Line

FORMAT, PLAIN = "common-ground-concern-record/1", "record.json"
SOMEBODY, LEFT_OUT = "[another person]", "[left out]"
#: What whoever writes a note puts around words about somebody else.
MARKED = re.compile(r"\[\[.*?\]\]", re.DOTALL)
#: A zip file's first possible day, so that the hour of packing changes no byte.
NO_TIME = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True)
class Taken:
    """One copy that left; sealed under the key of the concern.

    :param others: other people were not left out. :param names: of the group then, that are replaced.
    :param manifest: the hashes, as they were handed out.
    """

    by: str
    role: str
    at: str
    why: str
    others: bool
    names: tuple[str, ...]
    manifest: str = ""


def build(case: Case, export_id: bytes, lines: Sequence[Line], taken: Taken) -> dict[str, bytes]:
    """The files of a copy: a function of the lines up to the cut-off and of how it was taken, and of nothing else."""
    told = told_of(case, lines, taken)
    plain = json.dumps(told, ensure_ascii=False, indent=1, sort_keys=True).encode("utf-8", "replace")
    return {PLAIN: plain, "record.pdf": export_pdf.draw(told, _watermark(case, export_id, taken))}


def told_of(case: Case, lines: Sequence[Line], taken: Taken) -> dict[str, Any]:
    """The record in JSON's own types. Who took it is not in it, so two copies of the same lines are the same."""
    hide = _hider(taken)
    return {
        "format": FORMAT,
        "code": case.code,
        "origin": case.origin.value,
        "raised_hour": case.raised_hour.isoformat(),
        "other_people": "named" if taken.others else "left out",
        "lines": [_line(one, hide) for one in lines],
        "words_it_is_about": [
            {
                "title": hide(one.title),
                "words": hide(one.body),
                "language": one.lang,
                "earlier": [*map(hide, one.earlier)],
            }
            for one in chronology.copies(case)
        ],
    }


def all_words(case: Case, lines: Sequence[Line]) -> str:
    """Everything in it that somebody's name could stand in."""
    everybody = Taken("", "", "", "", others=True, names=())
    return json.dumps(told_of(case, lines, everybody), ensure_ascii=False)


def _line(one: Line, hide: "Hide") -> dict[str, Any]:
    return {
        "n": one.n,
        "kind": one.kind.value,
        "recorded_at": one.at.isoformat(),
        "happened_at": one.happened_at.isoformat() if one.happened_at else None,
        "by": one.by_name,
        "role": one.role,
        "words": hide(one.words),
        "codes": _hidden(one.codes, hide),
        "corrects": one.corrects,
    }


def _hidden(found: Any, hide: "Hide") -> Any:
    """Codes have ids and choices, and answers of forms, which are words."""
    if isinstance(found, Mapping):
        return {str(name): _hidden(inner, hide) for name, inner in found.items()}
    if isinstance(found, list | tuple):
        return [_hidden(inner, hide) for inner in found]
    return hide(found) if isinstance(found, str) and " " in found else found


class Hide:
    """Leaves other people out of words: names of the group, what a note marks as about somebody else, and whatever looks
    like a number, an address or a mailbox, the person's own too."""

    def __init__(self, names: Collection[str]) -> None:
        longest_first = sorted(names, key=len, reverse=True)
        self._names = re.compile("|".join(rf"(?<!\w){re.escape(one)}(?!\w)" for one in longest_first), re.IGNORECASE)
        self._any = bool(names)

    def __call__(self, said: str) -> str:
        """The words without them."""
        marked = MARKED.sub(LEFT_OUT, said)
        named = self._names.sub(SOMEBODY, marked) if self._any else marked
        return personal.cover(named)


class _Keep(Hide):
    """Leaves nobody out: only the marks around words go."""

    def __init__(self) -> None:
        super().__init__(())

    def __call__(self, said: str) -> str:
        return said.replace("[[", "").replace("]]", "")


def _hider(taken: Taken) -> Hide:
    return _Keep() if taken.others else Hide(taken.names)


def _watermark(case: Case, export_id: bytes, taken: Taken) -> str:
    day = datetime.fromisoformat(taken.at).strftime("%Y-%m-%d %H:%M UTC")
    return f"Concern {case.code} · copy {export_id.hex()[:8]} · {taken.by} ({taken.role}) · {day}"


# --- Hashes and packing ---


def manifest_of(files: Mapping[str, bytes]) -> str:
    """A line for each file, as `sha256sum -c` reads it."""
    return "".join(f"{sha(files[name])}  {name}\n" for name in sorted(files))


def hash_of(manifest: str, name: str) -> str:
    """The hash of one file of a manifest, or nothing."""
    return next((line.split()[0] for line in manifest.splitlines() if line.endswith(f"  {name}")), "")


def sha(value: bytes) -> str:
    """The SHA-256 of a file."""
    return hashlib.sha256(value).hexdigest()


def pack(files: Mapping[str, bytes]) -> bytes:
    """The files in one, whose bytes do not depend on when it was packed."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as archive:
        for name in sorted(files):
            archive.writestr(zipfile.ZipInfo(name, NO_TIME), files[name])
    return packed.getvalue()
