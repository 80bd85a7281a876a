"""S17, T11: to an outsider the address of an unlisted group, or of one still being set up, is no address at all.

Everything that an outsider can get is compared with the same for an address that never was: status, bytes, size, headers,
and what the program had to do for it (the questions it asked its database, in order).
"""

import difflib
import re
from collections.abc import Iterator

import pytest
from sqlalchemy import update

from forum.base.idents import new_ident
from forum.base.transaction import here, transaction
from forum.groups import invitations
from forum.groups.invitations import Terms
from forum.models import Door, Listing, Persona, Role, Standing
from tests.security.scene import Scene, address_of, form_for, plain, scene_of
from tests.statements import statements
from tests.world import BASE, GroupHere, Person, World

pytestmark = pytest.mark.pages

#: Of one length, so that a page that says the address is of one size too.
GHOST = "never-aalane"
METHODS = ("GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS")
PER_ANSWER = {"Set-Cookie"}
#: What somebody outside told gets an address of its own each time.
_RANDOM = re.compile(r"(/told/)[\w-]+")
Got = tuple[int, bytes, str | None, tuple[tuple[str, str], ...], tuple[str, ...]]


@pytest.fixture
def scene(world: World) -> Scene:
    """Our group is hidden; its facilitator and a member are in it."""
    scene = scene_of(world)
    assert len(scene.ours.address) == len(GHOST), scene.ours.address
    scene.people |= {"facil": world.person(scene.ours, Role.FACILITATOR), "member": world.person(scene.ours)}
    return scene


def outsiders(scene: Scene) -> dict[str, Person]:
    """A visitor, one who opened a form, members elsewhere, one who left, one who holds another group's invitation."""
    world = scene.world
    begun, left, invited = world.visitor(), world.person(scene.ours), world.visitor()
    begun.get("/sign-in")
    leave(world, left)
    facilitator = world.person(scene.neighbours, Role.FACILITATOR)
    with world.app.app_context():
        words = invitations.make_invitation(facilitator.actor, scene.neighbours.scope, Terms())
    invited.get("/invitation")
    assert invited.send("/invitation", {"words": words}).status_code == 303
    far = scene.people["far heron"]
    return {"visitor": world.visitor(), "begun": begun, "neighbour": far, "left": left, "invited": invited}


def leave(world: World, person: Person) -> None:
    with world.app.app_context(), transaction():
        here().execute(update(Persona).where(Persona.id == person.persona_id).values(standing=Standing.LEFT))


def addresses(scene: Scene) -> Iterator[tuple[str, str, str, dict[str, str]]]:
    """Every route under a group's address: its endpoint, our path, the same path that never was, and a form."""
    for rule in scene.world.app.url_map.iter_rules():
        if "address" not in rule.arguments:
            continue
        rest = {n: new_ident() if n.endswith("_id") else "crisis" for n in rule.arguments if n != "address"}
        ours, ghost = (address_of(scene, rule.endpoint, {"address": a, **rest}) for a in (scene.ours.address, GHOST))
        yield rule.endpoint, ours, ghost, form_for(scene, rule.endpoint)


def ask(person: Person, method: str, path: str, form: dict[str, str]) -> Got:
    """Everything that can be measured of one request."""
    data = {"csrf_token": person.form_token(), **form} if method == "POST" else None
    with person.world.app.app_context(), statements() as said:
        answer = person.client.open(path, method=method, data=data, base_url=BASE)
    headers = tuple(sorted((k, _RANDOM.sub(r"\1", v)) for k, v in answer.headers if k not in PER_ANSWER))
    asked = tuple(_shape(s) for s in said)
    body = re.sub(_RANDOM.pattern.encode(), rb"\1", plain(answer, path))
    return answer.status_code, body, answer.headers.get("Content-Length"), headers, asked


def _shape(statement: str) -> str:
    """A statement without the values that SQLite's own trace writes into it."""
    return re.sub(r"x?'[^']*'|\b\d+(\.\d+)?\b", "?", statement, flags=re.I)


HIDDEN = {
    "unlisted, open": {"listing": Listing.UNLISTED, "door": Door.OPEN},
    "unlisted, by request": {"listing": Listing.UNLISTED, "door": Door.REQUEST},
    "unlisted, shut": {"listing": Listing.UNLISTED, "door": Door.SHUT},
    "being set up": {"opened_at": None},
}


#: Whoever is not signed in is led to the numbers to call, and whoever asks for help or worries is heard, whatever stands
#: in the address.
ALIKE = (
    "team.show_help",
    "concern_doors.need_help",
    "concern_doors.show_worried_in_group",
    "concern_doors.worried_in_group",
)


@pytest.mark.parametrize("how", HIDDEN)
def test_sec_s17_an_unlisted_group_answers_outsiders_as_one_that_never_was(scene: Scene, how: str) -> None:
    people = outsiders(scene)
    scene.world.configure(scene.ours, **HIDDEN[how])
    asked = 0
    for who, person in people.items():
        for first in ("", "/team"):
            ask(person, "GET", f"/g/{GHOST}{first}", {})  # what a first request learns is learnt
        for endpoint, ours, ghost, form in addresses(scene):
            for method in METHODS if who == "neighbour" else ("GET", "POST"):
                there, nowhere = ask(person, method, ours, form), ask(person, method, ghost, form)
                assert there[0] == nowhere[0], (who, method, endpoint)
                if endpoint in ALIKE and there[0] == 303:
                    assert there[3] == nowhere[3], "it leads to the same place"
                else:
                    opens = there[0] in (200, 401, 404, 405) if method in ("OPTIONS", "HEAD") else there[0] >= 400
                    assert opens, endpoint
                for one, other in zip(there[1:], nowhere[1:], strict=True):
                    assert one == other, (who, method, endpoint)
                asked += 1
    assert asked > 300, "the whole map was asked"


def test_sec_s17_the_front_pages_do_not_name_it(scene: Scene) -> None:
    visitor, far = scene.world.visitor(), scene.people["far heron"]
    seen = {path: visitor.get(path).data + far.get(path).data for path in ("/", "/groups")}
    assert any(scene.ours.name.encode() in page for page in seen.values()), "listed, it is there"
    scene.world.configure(scene.ours, listing=Listing.UNLISTED)
    for path in ("/", "/groups", "/help", "/invitation", "/sign-in"):
        page = visitor.get(path).data + far.get(path).data
        assert scene.ours.name.encode() not in page, path
        assert scene.ours.address.encode() not in page, path


def test_members_those_who_wait_and_the_invited_see_it(scene: Scene) -> None:
    world, group = scene.world, scene.ours
    world.configure(group, listing=Listing.UNLISTED)
    facilitator, invited = scene.people["facil"], world.visitor()
    assert scene.people["member"].get(f"/g/{group.address}").status_code == 200
    assert invited.get(f"/g/{group.address}").status_code == 404
    words = invitation_of(facilitator, group)
    invited.get("/invitation")
    assert invited.send("/invitation", {"words": words}).status_code == 303
    for page in ("", "/rules", "/write", "/name"):
        assert invited.get(f"/g/{group.address}{page}").status_code == 200, page
    world.moment.go(hours=3)
    assert invited.get(f"/g/{group.address}").status_code == 404, "what it showed is forgotten after two hours"


def invitation_of(facilitator: Person, group: GroupHere) -> str:
    with facilitator.world.app.app_context():
        return invitations.make_invitation(facilitator.actor, group.scope, Terms(uses=5))


def test_sec_s17_wrong_ended_used_and_revoked_words_answer_alike(scene: Scene) -> None:
    world, group, facilitator = scene.world, scene.ours, scene.people["facil"]
    tries = {"wrong": "acorn otter zebra", "long": "otter " * 8}
    with world.app.app_context():
        tries["used"] = invitations.make_invitation(facilitator.actor, group.scope, Terms())
        tries["revoked"] = invitations.make_invitation(facilitator.actor, group.scope, Terms(days=2))
        tries["ended"] = invitations.make_invitation(facilitator.actor, group.scope, Terms(days=1))
        living = invitations.make_invitation(facilitator.actor, group.scope, Terms(days=30))
        listed = invitations.list_invitations(facilitator.actor, group.scope)
        revoked = next(one for one in listed if one.ends_on.day == (world.moment.at.day + 1))
        invitations.revoke_invitation(facilitator.actor, group.scope, revoked.id)
    world.configure(group, door=Door.INVITATION)
    friend = world.visitor()
    friend.get("/invitation")
    assert friend.send("/invitation", {"words": tries["used"]}).status_code == 303
    friend.send(f"/g/{group.address}/join", {"name": "Quiet Fern", "answer-what-we-must-tell": "yes"})
    world.moment.go(hours=23)
    visitor = world.visitor()
    visitor.get("/invitation")
    visitor.send("/invitation", {"words": "no such words"})  # the first form after a while also looks what is due
    got = {}
    for why, words in tries.items():
        invitations.guesses = invitations.Guesses()
        got[why] = without_words(ask(visitor, "POST", "/invitation", {"words": words}), words)
    for why, answer in got.items():
        assert answer[0] == 403
        assert answer == got["wrong"], (why, difference(answer[1], got["wrong"][1]))
    invitations.guesses = invitations.Guesses()
    assert visitor.send("/invitation", {"words": living}).status_code == 303


def difference(one: bytes, other: bytes) -> list[str]:
    """What tells one page from the other, for whoever has to mend it."""
    return list(difflib.unified_diff(one.decode().splitlines(), other.decode().splitlines(), lineterm="", n=0))


def without_words(got: Got, words: str) -> tuple[int, bytes, tuple[tuple[str, str], ...], tuple[str, ...]]:
    """A page may show what was typed to the one who typed it; its size then differs by that."""
    status, page, _size, headers, asked = got
    said = re.sub(rb'\s+value="' + words.encode() + b'"', b"", page)
    return status, said, tuple(h for h in headers if h[0] != "Content-Length"), asked


def test_the_measure_notices_a_difference(scene: Scene) -> None:
    """Twin: a listed group is told from one that never was, by each of what is compared."""
    visitor = scene.world.visitor()
    there, nowhere = (ask(visitor, "GET", f"/g/{a}", {}) for a in (scene.ours.address, GHOST))
    assert there[0] == 200
    assert nowhere[0] == 404
    assert there[1] != nowhere[1]
    assert there[4] != nowhere[4]
