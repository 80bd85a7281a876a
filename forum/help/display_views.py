"""The page on which everybody sets how pages look: one tap for each choice, and it is kept."""

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from forum.web import assets, display, forms

bp = Blueprint("display", __name__)

#: Which file each font is in. It is loaded only by a page that shows it.
FONTS = {"atkinson": "atkinson.woff2", "lexend": "lexend.woff2", "dyslexic": "dyslexic.woff2"}


@bp.get("/display")
def show() -> str:
    """How it looks: letters, spacing, colours, calm, little data."""
    return render_template(
        "help/display.html",
        chosen=display.chosen(display.here()),
        plain=display.here() == display.PLAIN,
        back=forms.local_path(request.args.get("next"), ""),
        return_to=url_for("display.show"),  # else its own link would lead here, and so on
        font_kb={name: assets.size_kb(file) for name, file in FONTS.items()},
    )


@bp.post("/display")
def save() -> AnyResponse:
    """Keep one choice, or forget all of them."""
    answer = _answer()
    if forms.checked("forget"):
        return display.forget(answer)
    asked = [name for name in display.SETTINGS if name in request.form]
    look = display.here()
    for name in asked:
        look = display.changed(look, name, request.form[name])
    return display.keep(answer, look)


def _answer() -> Response:
    """Back to the page, at the setting that was changed; a script wants nothing."""
    if request.accept_mimetypes.best == "application/json":
        return Response(status=204)
    back = forms.local_path(request.form.get("next"), "")
    name = next((name for name in display.SETTINGS if name in request.form), "main")
    return make_response(redirect(url_for("display.show", next=back or None, _anchor=name), 303))
