"""What somebody said, as JSON in whole blocks: sealed, its length tells nothing finer than their number."""

import json
from typing import Any


def pack(said: Any, block: int) -> bytes:
    """The bytes to seal. `json.loads` reads them.

    :param said: lists, dictionaries, texts and numbers; half of a character pair in a text is kept as it is.
    :param block: bytes; the length is a multiple of it.
    """
    text = json.dumps(said, ensure_ascii=False).encode("utf-8", "surrogatepass")
    return text + b" " * (-len(text) % block)
