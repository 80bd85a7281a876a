"""What is done before the first request, so that nobody waits for it later."""

import gc

from flask import Flask
from flask_babel import force_locale
from gevent import monkey

from forum.web import design
from forum.web.language import LANGUAGES


def make_ready(app: Flask) -> None:
    """Compile every page in every language, and take what the program itself is made of out of the collector's rounds.

    Only in a server's process: a command needs neither. A first page took 240 ms to compile, and looking through
    everything for garbage 80 to 150 ms, in which the one event loop served nobody.
    """
    if not monkey.is_module_patched("socket"):
        return
    design.compile_all()
    with app.app_context():
        for locale in LANGUAGES:
            with force_locale(locale):
                for name in app.jinja_env.list_templates():
                    app.jinja_env.get_template(name)
    gc.collect()
    gc.freeze()
