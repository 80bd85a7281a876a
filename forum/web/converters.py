"""Idents and post ids in addresses. What does not spell one is no page."""

from werkzeug.routing import BaseConverter, ValidationError

from forum.base.idents import read_ident, read_post_id, write_ident, write_post_id


class IdentConverter(BaseConverter):
    """<ident:…>: 128 random bits."""

    regex = "[a-z2-7]{26}"

    def to_python(self, value: str) -> bytes:
        """Bytes for the database."""
        ident = read_ident(value)
        if ident is None:
            raise ValidationError
        return ident

    def to_url(self, value: bytes) -> str:
        """Letters for an address."""
        return write_ident(value)


class PostConverter(BaseConverter):
    """<post:…>: a post's id."""

    regex = "[a-z2-7]{12}"

    def to_python(self, value: str) -> int:
        """The number for the database."""
        post_id = read_post_id(value)
        if post_id is None:
            raise ValidationError
        return post_id

    def to_url(self, value: int) -> str:
        """Letters for an address."""
        return write_post_id(value)
