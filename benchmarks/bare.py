"""The reference: a Flask program that does nothing but answer 20 kB, under the same server as ours."""

from flask import Flask

PAGE = "<!doctype html><title>Bare</title>" + "<p>" + "a quiet line of text " * 948 + "</p>"


def create_app() -> Flask:
    """One page, whatever is asked."""
    app = Flask(__name__)

    @app.get("/")
    def show() -> str:
        return PAGE

    return app
