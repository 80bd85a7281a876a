"""QR codes as inline SVG: made here, so that no other site learns which address somebody shares."""

import io

import segno
from markupsafe import Markup

from forum.base.words import _

#: Longer, and the squares become too small for an old phone's camera on a printed page.
LONGEST = 300
#: White around the code, in squares: without it a camera does not find it.
QUIET = 4


def qr_svg(address: str) -> Markup:
    """A QR code that leads to `address`, black on white in every theme and on paper.

    Kept nowhere, since an address may be an invitation or a secret. Write it beside the code in letters too: not
    everyone has a camera. It takes some 3 ms.

    :param address: at most LONGEST characters.
    :raises ValueError: it is longer.
    """
    if len(address) > LONGEST:
        raise ValueError(f"A QR code of {len(address)} characters cannot be read from paper.")
    label = _("QR code: a picture of the address. The address also stands here in letters.")
    return Markup('<svg class="cg-qr" role="img" aria-label="{}"').format(label) + _drawn(address)


def _drawn(address: str) -> Markup:
    """The drawing, from the first attribute on."""
    out = io.BytesIO()
    segno.make_qr(address, error="m").save(
        out,
        kind="svg",
        xmldecl=False,
        svgns=False,
        svgclass=None,
        lineclass=None,
        omitsize=True,
        border=QUIET,
        light="#fff",
        dark="#000",
    )
    return Markup(out.getvalue().decode().removeprefix("<svg"))  # noqa: S704 - numbers and path letters alone
