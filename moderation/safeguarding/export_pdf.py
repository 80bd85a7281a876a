"""A record as sheets of paper. Plain, in order, with who took it on each sheet; the same record gives the same bytes.

The letters come with the PDF writer and know European alphabets. What they cannot draw is counted on the last sheet, and
stands whole in the file for programs.
"""

import io
from collections.abc import Mapping
from functools import cache
from typing import Any
from xml.sax.saxutils import escape

from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.platypus import Paragraph, SimpleDocTemplate, Spacer

FONT, BOLD = "Vera", "VeraBd"
#: Stands for a letter that the font has not.
_SHOWN = "?"


class _Letters:
    """Draws what it can, and counts the rest."""

    def __init__(self) -> None:
        self.missing = 0

    def __call__(self, said: object) -> str:
        """Text for a paragraph: nothing in it is read as markup."""
        known, drawn = _known(), []
        for letter in str(said):
            is_known = letter in "\n\t" or ord(letter) in known
            self.missing += not is_known
            drawn.append(letter if is_known else _SHOWN)
        return escape("".join(drawn)).replace("\n", "<br/>")


@cache
def _known() -> frozenset[int]:
    """What the letters of the writer can draw."""
    for name in (FONT, BOLD):
        pdfmetrics.registerFont(TTFont(name, f"{name}.ttf"))
    return frozenset(pdfmetrics.getFont(FONT).face.charToGlyph)


def draw(told: Mapping[str, Any], watermark: str) -> bytes:
    """The sheets.

    :param told: as export.told_of gives it. :param watermark: stands on each sheet.
    """
    letters = _Letters()
    parts = [*_head(told, letters), *_words(told, letters)]
    for line in told["lines"]:
        parts += _line(line, letters)
    if letters.missing:
        parts.append(_text(f"{letters.missing} letters could not be drawn here. The file record.json has them all."))
    paper = io.BytesIO()
    sheet = SimpleDocTemplate(
        paper,
        pagesize=A4,
        invariant=1,
        title=f"Concern {told['code']}",
        author="",
        leftMargin=20 * mm,
        rightMargin=20 * mm,
    )
    foot = _foot(letters(watermark))
    sheet.build(parts, onFirstPage=foot, onLaterPages=foot)
    return paper.getvalue()


def _head(told: Mapping[str, Any], letters: _Letters) -> list[Any]:
    return [
        _text(f"Concern {letters(told['code'])}", 16, bold=True),
        _text(f"Raised {letters(told['raised_hour'])} ({letters(told['origin'])}). Times are UTC."),
        _text(f"Other people are {letters(told['other_people'])}. Names are those of the forum."),
        Spacer(1, 6 * mm),
    ]


def _words(told: Mapping[str, Any], letters: _Letters) -> list[Any]:
    parts = []
    for one in told["words_it_is_about"]:
        parts += [_text("Words that it is about", bold=True), _text(letters(one["words"])), Spacer(1, 3 * mm)]
    return parts


def _line(line: Mapping[str, Any], letters: _Letters) -> list[Any]:
    who = f"{line['by']} ({line['role']})" if line["by"] else "the program"
    parts = [
        _text(f"{line['n']}. {letters(line['kind'])}", bold=True),
        _text(f"{line['recorded_at']}, {letters(who)}", 8),
    ]
    if line["happened_at"]:
        parts.append(_text(f"It happened at {letters(line['happened_at'])}", 8))
    if line["corrects"]:
        parts.append(_text(f"Corrects line {line['corrects']}", 8))
    if line["words"]:
        parts.append(_text(letters(line["words"])))
    if line["codes"]:
        parts.append(_text("; ".join(f"{letters(k)}: {letters(v)}" for k, v in _codes(line["codes"])), 8))
    return [*parts, Spacer(1, 3 * mm)]


def _codes(codes: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """Choices and answers, each with its name; those of a form inside stand one by one."""
    found: list[tuple[str, Any]] = []
    for name, value in sorted(codes.items()):
        found += _codes(value) if isinstance(value, Mapping) else [(name, value)]
    return found


def _text(said: str, size: int = 10, *, bold: bool = False) -> Paragraph:
    style = ParagraphStyle("text", fontName=BOLD if bold else FONT, fontSize=size, leading=1.4 * size, splitLongWords=1)
    return Paragraph(said, style)


def _foot(watermark: str) -> Any:
    def write(canvas: Any, document: Any) -> None:
        canvas.saveState()
        canvas.setFont(FONT, 8)
        canvas.drawString(20 * mm, 12 * mm, watermark)
        canvas.drawRightString(190 * mm, 12 * mm, str(document.page))
        canvas.restoreState()

    return write
