"""The words people read, and their translations.

`words.py --write` collects every string of the program and its templates in messages.pot, and brings each language's
messages.po to the same strings, with empty places for what a translator still has to say. `--check` fails while they
differ or a place is empty. `--build` compiles what the program reads, and the pseudo-language beside it.
"""

import argparse
import io
import math
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir, extract_from_file
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parents[1]
FOLDERS = ("forum", "moderation", "templates")
FILES = ("wsgi.py",)
TRANSLATIONS = ROOT / "forum" / "translations"
POT = TRANSLATIONS / "messages.pot"
METHODS = [("**.py", "python"), ("**.html", "jinja2")]
#: A template that cannot be read must not leave its strings out in silence.
OPTIONS = {"**.html": {"silent": "false"}}
#: `gettext` under the names of forum/base/words.py.
KEYWORDS = DEFAULT_KEYWORDS | {"lazy": None}

PLACES = re.compile(rb"^#: .*\n", re.MULTILINE)
UNUSED_HEADERS = re.compile(
    rb'"(Project-Id-Version|Report-Msgid-Bugs-To|[\w-]+-Date|Last-Translator|Language-Team|Generated-By): [^"]*"\n'
)

#: Where Flask-Babel looks for the language that forum/web/language.py calls "pseudo"; never committed, like every .mo.
PSEUDO = TRANSLATIONS / "en_XA" / "LC_MESSAGES" / "messages.mo"
#: German and Finnish are about this much longer than English; what fits +40 % fits most languages.
GROWTH = 0.4
#: Filled in by Python (`%(name)s`) or by the page's scripts (`{count}`).
PLACEHOLDER = re.compile(r"%\(\w+\)[a-z]|%%|\{\w+\}")
ACCENTS = str.maketrans(
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ",
    "àƀçðéƒĝĥîĵķļɱñöþɋŕšţûṽŵẋýžÀƁÇÐÉƑĜĤÎĴĶĻṀÑÖÞɊŔŠŢÛṼŴẊÝŽ",
)

Texts = tuple[str, ...]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    todo = parser.add_mutually_exclusive_group(required=True)
    todo.add_argument("--write", action="store_true", help="write messages.pot, and bring each messages.po up to it")
    todo.add_argument("--check", action="store_true", help="fail if a string is missing, empty or put together wrongly")
    todo.add_argument("--build", action="store_true", help="compile the translations and the pseudo-language")
    args = parser.parse_args()
    if args.build:
        return build()
    return write() if args.write else check()


def write() -> int:
    """Write the template, and every language's file with the same strings."""
    template = extracted()
    POT.write_bytes(rendered(template))
    for path in po_files():
        path.write_bytes(rendered(brought_up(path, template)))
    print(f"{len(template)} strings; to translate: {sum(map(len, (list(empty(read(p))) for p in po_files())))}")
    return 0


def check() -> int:
    """Say what is stale, empty or wrong."""
    template = extracted()
    wrong = [f"{POT.relative_to(ROOT)} is stale"] if is_stale(POT, template) else []
    for path in po_files():
        wrong += [f"{path.relative_to(ROOT)}: {problem}" for problem in problems(path, template)]
    for line in wrong:
        print(line, file=sys.stderr)
    if wrong:
        print("Run `python scripts/words.py --write`, then fill the empty places.", file=sys.stderr)
    return 1 if wrong else 0


def problems(path: Path, template: Catalog) -> Iterator[str]:
    """What is wrong with one language's file."""
    catalog = read(path)
    if is_stale(path, brought_up(path, template)):
        yield "is stale"
    yield from (f"no translation of {text!r}" for text in empty(catalog))
    yield from (f"other placeholders than in {text!r}" for text in misplaced(catalog))


def is_stale(path: Path, wanted: Catalog) -> bool:
    """Whether a file lacks strings or has too many. In which source file each one stands is for translators, and may lag."""
    return PLACES.sub(b"", path.read_bytes()) != PLACES.sub(b"", rendered(wanted))


def empty(catalog: Catalog) -> Iterator[str]:
    """Strings that have no translation yet, or not in every plural form."""
    for message in messages(catalog):
        translated = texts(message.string)
        if message.fuzzy or not all(translated) or (message.pluralizable and len(translated) != catalog.num_plurals):
            yield texts(message.id)[0]


def misplaced(catalog: Catalog) -> Iterator[str]:
    """Strings whose translation would fail, or lose a name or a number, when the program fills it in."""
    for message in messages(catalog):
        wanted = placeholders(texts(message.id)[-1])
        if any(text and placeholders(text) != wanted for text in texts(message.string)):
            yield texts(message.id)[0]


def build() -> int:
    """Compile each language, and write the pseudo-language from the source strings."""
    for path in po_files():
        with path.with_suffix(".mo").open("wb") as file:
            write_mo(file, read(path))
    PSEUDO.parent.mkdir(parents=True, exist_ok=True)
    with PSEUDO.open("wb") as file:
        write_mo(file, pseudo(read(POT)))
    return 0


def extracted() -> Catalog:
    """Every string of the program and its templates, in a fixed order."""
    catalog = Catalog(charset="utf-8")
    catalog.header_comment = "# Words of Common Ground. Written by scripts/words.py; do not edit."
    for folder in FOLDERS:
        for name, _line, ids, _comments, context in extract_from_dir(ROOT / folder, METHODS, OPTIONS, KEYWORDS):
            catalog.add(ids, locations=[(f"{folder}/{name}", 0)], context=context)
    for name in FILES:
        for _line, ids, _comments, context in extract_from_file("python", ROOT / name, KEYWORDS):
            catalog.add(ids, locations=[(name, 0)], context=context)
    return catalog


def rendered(catalog: Catalog) -> bytes:
    """A catalogue as its file, without what would change with every commit or nobody fills in."""
    out = io.BytesIO()
    write_po(out, catalog, width=120, sort_output=True, ignore_obsolete=True, include_lineno=False)
    return UNUSED_HEADERS.sub(b"", out.getvalue()).rstrip(b"\n") + b"\n"


def po_files() -> list[Path]:
    return sorted(TRANSLATIONS.glob("*/LC_MESSAGES/messages.po"))


def read(path: Path) -> Catalog:
    """A language's catalogue from `<language>/LC_MESSAGES/messages.po`, or the template's."""
    with path.open("rb") as file:
        return read_po(file, locale=None if path == POT else path.parents[1].name, abort_invalid=True)


def brought_up(path: Path, template: Catalog) -> Catalog:
    """A language's translations under the template's strings; a changed string has to be read and said anew."""
    catalog = read(path)
    catalog.update(template, no_fuzzy_matching=True)
    return catalog


def messages(catalog: Catalog) -> list[Message]:
    """All but the header."""
    return [message for message in catalog if message.id]


def texts(value: str | list[str] | Texts | None) -> Texts:
    """One text, or one for each plural form."""
    return tuple(value) if isinstance(value, (list, tuple)) else (value or "",)


def placeholders(text: str) -> list[str]:
    return sorted(PLACEHOLDER.findall(text))


def pseudo(source: Catalog) -> Catalog:
    """The source strings with accents, longer and in brackets: what shows without them cannot be translated."""
    catalog = Catalog(locale="en", charset="utf-8")
    for message in messages(source):
        changed = tuple(map(pseudo_text, texts(message.id)))
        catalog.add(message.id, changed if message.pluralizable else changed[0], context=message.context)
    return catalog


def pseudo_text(text: str) -> str:
    """`Leave now` as `[Ļéàṽé~~ ñöŵ~~]`; placeholders stay as they are."""
    parts = re.split(f"({PLACEHOLDER.pattern})", text)
    return f"[{''.join(part if PLACEHOLDER.fullmatch(part) else _grown(part) for part in parts)}]"


def _grown(text: str) -> str:
    """Each word longer by itself, so that lines still break between words."""
    longer = re.sub(r"[A-Za-z]+", lambda word: word[0] + "~" * math.ceil(len(word[0]) * GROWTH), text)
    return longer.translate(ACCENTS)


if __name__ == "__main__":
    sys.exit(main())
