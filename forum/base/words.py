"""Every word a person reads goes through here, so that it can be translated (flask-babel)."""

from flask_babel import gettext as _
from flask_babel import lazy_gettext as lazy
from flask_babel import ngettext

__all__ = ["_", "lazy", "ngettext"]
