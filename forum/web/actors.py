"""From a request to the Actor that every use case takes."""

from flask_login import LoginManager, UserMixin
from werkzeug.exceptions import Unauthorized

from forum.base.keyring import Scope
from forum.policy.actor import VISITOR, Actor
from forum.policy.members import actor_in, writer_in
from forum.web.csrf import current


class SignedIn(UserMixin):  # type: ignore[misc]
    """What Flask-Login knows of somebody: that they are signed in. It holds no name and no row."""

    def __init__(self, account_id: bytes) -> None:
        self.account_id = account_id

    def get_id(self) -> str:
        """Never put into a session; Flask-Login asks for it."""
        return self.account_id.hex()


login = LoginManager()
login.session_protection = None


@login.request_loader
def load_from_request(_request: object) -> SignedIn | None:
    """The sign-in row is read on every request: ended means signed out at once."""
    account_id = current().account_id
    return SignedIn(account_id) if account_id else None


@login.unauthorized_handler
def ask_to_sign_in() -> None:
    """A page of our own instead of a redirect that would lose a form."""
    raise Unauthorized


def current_actor() -> Actor:
    """Who is asking, without any group. A visitor's session is known too: signing in ends it."""
    session = current()
    return Actor(session.account_id, session.cookie_sha256) if session.found is not None else VISITOR


def current_actor_in(scope: Scope | None) -> Actor:
    """Who is asking, with their membership of one group read now."""
    actor = current_actor()
    return actor_in(actor, scope) if scope else actor


def current_writer_in(scope: Scope | None) -> Actor:
    """The same, known too while they wait to be let in: for the line to the team and what stands in it."""
    actor = current_actor()
    return writer_in(actor, scope) if scope else actor
