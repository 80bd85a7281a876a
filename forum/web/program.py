"""Flask, with what this program chose differently."""

from collections.abc import Callable
from typing import Any

import orjson
from flask import Flask, Response
from flask.json.provider import JSONProvider

from forum.web.templates import TranslatedEnvironment


class Json(JSONProvider):
    """orjson: fifteen times as fast on a page of changes as the standard library."""

    def dumps(self, obj: Any, **_options: Any) -> str:
        """JSON as text."""
        return orjson.dumps(obj, default=_words).decode()

    def loads(self, s: str | bytes, **_options: Any) -> Any:
        """What JSON says."""
        return orjson.loads(s)

    def response(self, *args: Any, **kwargs: Any) -> Response:
        """An answer in JSON."""
        body = orjson.dumps(self._prepare_response_obj(args, kwargs), default=_words)
        return Response(body, mimetype="application/json")


def _words(value: Any) -> str:
    """Words that are translated when they are needed."""
    if hasattr(value, "__html__"):
        return str(value)
    raise TypeError(f"{type(value).__name__} has no form in JSON.")


class Program(Flask):
    """The application object."""

    jinja_environment = TranslatedEnvironment
    json_provider_class = Json

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """Nothing here is asynchronous, so nothing needs to be looked at ten times a request to find out."""
        return func
