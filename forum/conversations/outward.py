"""The page between a post and another site: it names the host, and nobody is taken away by a stray tap (S5).

It shows what its address says and knows no more: not who asks, not where the link stood. So it needs no signature, and
is no way to be sent elsewhere: it only has a link, for a person to press.
"""

from flask import Blueprint, render_template, request

from forum.base import markdown
from forum.base.errors import NotFound
from forum.base.words import _

bp = Blueprint("outward", __name__)


@bp.get("/out")
def show_leaving() -> str:
    """You are leaving this site."""
    address = request.args.get("to", "")
    host = markdown.host_of(address) if address.isascii() and address.isprintable() else None
    if host is None:
        raise NotFound(_("There is no such page here."))
    return render_template("conversations/leaving.html", address=address, host=host, rel=markdown.REL)
