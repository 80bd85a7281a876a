"""Codes for cameras: inside the page, readable, and holding nothing but the address."""

import re

import pytest
import segno

from forum.web.qr import LONGEST, qr_svg

ADDRESS = "https://forum.example.org/g/quiet-harbour"


def squares(svg: str) -> set[tuple[int, int]]:
    """Which squares are black, read from the drawing as a camera would: along each line."""
    found: set[tuple[int, int]] = set()
    x = y = 0.0
    for letter, dx, dy in re.findall(
        r"([mMh])(-?[\d.]+)(?: (-?[\d.]+))?", re.findall(r'stroke="#000" d="([^"]+)"', svg)[0]
    ):
        if letter == "h":
            found |= {(int(x) + n, int(y)) for n in range(int(dx))}
            x += float(dx)
        else:
            x, y = (float(dx), float(dy)) if letter == "M" else (x + float(dx), y + float(dy or 0))
    return found


def test_the_drawing_is_the_code_of_the_address(inside) -> None:
    code = segno.make_qr(ADDRESS, error="m")
    wanted = {(x + 4, y + 4) for y, line in enumerate(code.matrix) for x, black in enumerate(line) if black}
    assert squares(qr_svg(ADDRESS)) == wanted
    assert squares(qr_svg(ADDRESS + "s")) != wanted


def test_it_stands_inside_the_page_and_asks_nobody(inside) -> None:
    svg = qr_svg(ADDRESS)
    assert svg.startswith("<svg ")
    assert svg.rstrip().endswith("</svg>")
    assert "http" not in svg
    assert "style" not in svg
    assert 'role="img" aria-label="QR code' in svg


def test_what_an_old_camera_could_not_read_is_refused(inside) -> None:
    qr_svg("a" * LONGEST)
    with pytest.raises(ValueError, match="cannot be read"):
        qr_svg("a" * (LONGEST + 1))
