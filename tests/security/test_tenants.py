"""S22: a group's ids open nothing for another group or organisation, and nothing counts across."""

import itertools
import random
import re
from collections.abc import Mapping

from flask import Flask

from forum.base.idents import read_ident, write_ident
from forum.base.keyring import Scope
from forum.base.transaction import transaction
from forum.conversations import board_queries, history, looking_after, mail_addresses, search
from forum.conversations.mail_addresses import Kept
from forum.groups.queries import count_members
from tests.security.scene import HELD, Scene, add_role, address_of, case_of, ids_in, scene_of
from tests.team_work import waiting
from tests.world import Person, World, conversation_url, post_url

#: A member of another group, one of another organisation's team, and one of the neighbours' own team.
STRANGERS = ("neighb", "outsid", "far warden")


def fill(scene: Scene) -> dict[str, list[object]]:
    """Something of every kind in our group."""
    world, heron = scene.world, scene.people["heron"]
    topic = world.topic(heron, "Only for us", "Words only for us.")
    held = world.reply(heron, topic, HELD)
    posts = [world.reply(heron, topic, f"More words {n}.") for n in range(3)]
    return {
        "conversation_id": [topic],
        "post_id": [held, *posts],
        "item_id": [case_of(world, held)],
        "board_id": list(scene.ours.boards),
        "persona_id": [heron.persona_id],
    }


def test_sec_s22_no_id_of_ours_opens_anything_for_strangers(world: World) -> None:
    scene = scene_of(world)
    for role in ("neighb", "outsid"):
        add_role(scene, role)
    ours = fill(scene)
    for rule in scene.world.app.url_map.iter_rules():
        wanted = [name for name in ours if name in rule.arguments]
        if not wanted:
            continue
        for stranger in STRANGERS:
            person = scene.people[stranger]
            for value in ours[wanted[0]]:
                rest = {n: scene.ours.address if n == "address" else bytes(16) for n in rule.arguments}
                values = rest | {wanted[0]: value}
                path = address_of(scene, rule.endpoint, values)
                method = "GET" if "GET" in (rule.methods or ()) else "POST"
                answer = person.get(path) if method == "GET" else person.send(path, {"body": "x", "choice": "release"})
                assert answer.status_code == 404, (stranger, method, path)


def test_sec_s22_ids_shuffled_between_groups_give_what_the_owner_alone_may_see(world: World) -> None:
    """Fuzz: ids taken from one group's pages and put into every address, asked by members of the other groups."""
    scene = scene_of(world)
    for role in ("member", "moder", "neighb", "outsid"):
        add_role(scene, role)
    fill(scene)
    far = world.topic(scene.people["far heron"], "Only for them", "Words only for them.")
    world.reply(scene.people["far heron"], far, HELD)

    known = {who: harvest(scene, scene.people[who]) for who in ("member", "moder", "neighb", "outsid")}
    chance = random.Random(22)
    patterns = ["/c/{}", "/b/{}", "/cases/{}", "/c/{}/changes?after=0", "/b/{}/write", "/p/{}", "/p/{}/more"]
    for who, others in (("neighb", "moder"), ("outsid", "moder"), ("member", "neighb"), ("moder", "neighb")):
        for found in chance.sample(sorted(known[others] - known[who]), k=min(12, len(known[others] - known[who]))):
            for pattern in patterns:
                answer = scene.people[who].get(pattern.format(found))
                assert answer.status_code == 404, (who, pattern, found)


def harvest(scene: Scene, person: Person) -> set[str]:
    """Every id that this person's own pages show, page by page."""
    assert person.group
    seen: set[str] = set()
    ahead = [f"/g/{person.group.address}", f"/g/{person.group.address}/team"]
    while ahead and len(seen) < 60:
        answer = person.get(ahead.pop())
        fresh = ids_in(answer.get_data(as_text=True)) - seen
        seen |= fresh
        ahead += [f"/b/{i}" if read_ident(i) else f"/p/{i}/more" for i in sorted(fresh)]
        ahead += [f"/c/{i}" for i in sorted(fresh) if read_ident(i)]
    return seen


def test_sec_s22_an_answer_cannot_quote_a_post_of_another_group(world: World) -> None:
    scene = scene_of(world)
    far = world.topic(scene.people["far heron"], "Only for them", "Secret far words.")
    foreign = world.reply(scene.people["far heron"], far, "Secret far reply.")
    heron = scene.people["heron"]
    topic = world.topic(heron)
    sent = heron.send(
        f"{conversation_url(topic)}/posts",
        {"body": "Quoting", "token": "t" * 26, "answers": post_url(foreign).removeprefix("/p/")},
    )
    world.settle()
    assert sent.status_code == 303
    assert "Secret far" not in heron.get(conversation_url(topic)).get_data(as_text=True)
    asked = heron.get(f"{conversation_url(topic)}?answers={post_url(foreign).removeprefix('/p/')}")
    assert asked.status_code == 404


def test_sec_s22_counts_are_of_one_group(world: World, inside: Flask) -> None:
    scene = scene_of(world)
    before = count_members(scene.ours.scope.group_id)
    topic = world.topic(scene.people["heron"])
    held = world.reply(scene.people["heron"], topic, HELD)
    there = [c.id for c in waiting(scene.people["warden"].actor, scene.ours.scope)]
    boards = [b.latest for b in board_queries.list_boards(scene.people["heron"].actor, scene.ours.scope.group_id)]

    for _n in range(3):
        world.person(scene.neighbours)
        world.person(scene.strangers)
    far = world.topic(scene.people["far heron"])
    world.reply(scene.people["far heron"], far, HELD)
    world.moment.go(hours=3)
    world.reply(scene.people["far heron"], far, "Later, and elsewhere.")

    assert count_members(scene.ours.scope.group_id) == before
    queue = waiting(scene.people["warden"].actor, scene.ours.scope)
    assert [c.id for c in queue] == there
    assert [
        b.latest for b in board_queries.list_boards(scene.people["heron"].actor, scene.ours.scope.group_id)
    ] == boards
    assert held in {c.post_id for c in queue}


def test_sec_s22_no_page_of_ours_names_anything_of_theirs(world: World) -> None:
    scene = scene_of(world)
    far = world.topic(scene.people["far heron"], "Only for them", "Words only for them.")
    world.reply(scene.people["far heron"], far, HELD)
    fill(scene)
    member = add_role(scene, "member")
    theirs = harvest(scene, scene.people["far heron"])
    seen = harvest(scene, member)
    text = b"\n".join(member.pages).decode()
    assert seen
    assert theirs
    assert not seen & theirs
    for words in ("Only for them", "Words only for them", "Far Heron", "Far Warden"):
        assert words not in text


def test_sec_s22_nothing_in_a_history_is_undone_from_another_group_or_topic(world: World) -> None:
    """Fuzz: every team's changes under every address of a topic, sent by each team. Only the owner's own pair counts."""
    scene = scene_of(world)
    outsid = add_role(scene, "outsid")
    teams = {"our": scene.people["warden"], "their": scene.people["far warden"], "far": outsid}
    ours = scene.people["heron"]
    topics = {"our": world.topic(ours), "also our": world.topic(ours), "their": world.topic(scene.people["far heron"])}
    topics["far"] = world.topic(outsid)
    events = {}
    with world.app.app_context():
        for name, topic in topics.items():
            looking_after.lock(teams[name.split()[-1]].actor, topic, True, f"Enough of {name}.")
            events[name] = bytes(history.list_events(topic)[0].id)
    cases = list(itertools.product(teams, topics, events))
    random.Random(22).shuffle(cases)
    for who, topic, event in cases:
        if topic == event and topic.split()[-1] == who:
            continue
        undo = f"/c/{write_ident(topics[topic])}/history/{write_ident(events[event])}/undo"
        assert teams[who].send(undo, {"reason": "Mine now."}).status_code == 404, (who, topic, event)
    with world.app.app_context():
        assert not any(event.undone for topic in topics.values() for event in history.list_events(topic))
    for name, topic in topics.items():
        undo = f"/c/{write_ident(topic)}/history/{write_ident(events[name])}/undo"
        assert teams[name.split()[-1]].send(undo, {"reason": "A new day."}).status_code == 303, name


def test_sec_s22_the_link_of_a_mail_ends_one_members_mails_in_one_group(world: World) -> None:
    """Fuzz: one person's secret under another's name or group, and links with a letter changed, end nothing."""
    scene = scene_of(world)
    kept: dict[str, tuple[Scope, bytes, Kept]] = {}
    with world.app.app_context(), transaction():
        for who in ("heron", "warden", "far heron"):
            person = scene.people[who]
            assert person.group
            kept[who] = person.group.scope, person.persona_id, mail_addresses.fresh(f"{who[-5:]}@example.org", "en")
            mail_addresses.keep(*kept[who])
    with world.app.app_context():
        good = mail_addresses.stop_token(*kept["heron"])
        crossed = [
            mail_addresses.stop_token(kept[one][0], kept[two][1], kept[three][2])
            for one, two, three in itertools.product(kept, repeat=3)
            if not one == two == three and not (two == three and kept[one][0] == kept[two][0])
        ]
    spoiled = [good[:n] + ("A" if good[n] != "A" else "B") + good[n + 1 :] for n in range(0, len(good) - 1, 9)]
    tries = [*crossed, *spoiled, write_ident(scene.people["heron"].persona_id), write_ident(kept["heron"][0].group_id)]
    for token in tries:
        answer = scene.people["far heron"].send(f"/mail/{token}")
        assert answer.status_code == 200, "it is answered as one that is over"
    assert _with_mail(world, kept) == set(kept)
    scene.people["far heron"].send(f"/mail/{good}")
    assert _with_mail(world, kept) == {"warden", "far heron"}


def _with_mail(world: World, kept: Mapping[str, tuple[Scope, bytes, Kept]]) -> set[str]:
    with world.app.app_context():
        return {who for who, (scope, persona_id, _kept) in kept.items() if mail_addresses.find(scope, persona_id)}


def test_a_route_with_a_new_kind_of_id_is_noticed(app: Flask) -> None:
    """If this fails, teach `fill` to make one, and add it here."""
    known = {"address", "board_id", "conversation_id", "item_id", "persona_id", "post_id", "version_id", "filename"}
    known |= {"code", "secret", "name", "step"}  # words of no group, and the names of guides and of things to do
    known |= {"example_id", "exception_id", "report_id", "slot_id", "swap_id"}  # the table asks each of them far away
    known |= {"decision_id", "reviewer_id", "uid"}  # the table asks each of them far away, and of a rule by its words
    known |= {"event_id", "token"}  # each has a fuzz of its own above
    known |= {"organisation_id", "proposal_id"}  # the table asks each of them far away
    known |= {"room_id", "meeting_id", "act", "face_id", "follow_up_id"}  # the table asks each of them far away
    known |= {"concern_id", "opening_id", "export_id", "talk_id", "officer_id", "day_id", "way"}  # likewise
    known |= {"offer"}  # of the library of rules, the same for every group
    assert {name for rule in app.url_map.iter_rules() for name in rule.arguments} == known


def test_sec_s22_no_search_finds_or_tells_of_words_of_another_group(world: World) -> None:
    """Fuzz: words of either group and of both, looked for by members and teams of all. Compared are whole pages."""
    scene = scene_of(world)
    add_role(scene, "outsid")
    chance, theirs = random.Random(22), [f"quiet{letter}" for letter in "abcdefgh"]
    heron, far = scene.people["heron"], scene.people["far heron"]
    near, there = world.topic(heron, "Only for us", "Ours alone."), world.topic(far, "Only for them", "Theirs alone.")
    askers = (heron, scene.people["warden"], scene.people["outsid"])
    typed = [
        *theirs,
        *(f"{a} {b}" for a, b in itertools.pairwise(theirs)),
        "quiet",
        '"quieta quietb"',
        "theirs",
    ]
    before = {(n, words): _found_by(asker, words) for n, asker in enumerate(askers) for words in typed}
    for n in range(30):
        world.reply(far, there, " ".join(chance.choices(theirs, k=3)) + f" {n}.")
    search.forget()
    after = {(n, words): _found_by(asker, words) for n, asker in enumerate(askers) for words in typed}
    assert after == before
    search.forget()
    assert "/p/" in _found_by(far, "quieta")
    world.reply(heron, near, "quieta here as well.")
    assert "/p/" in _found_by(heron, "quieta")


def _found_by(person: Person, words: str) -> str:
    """A page of results without the token of its forms."""
    assert person.group
    page = person.send(f"/g/{person.group.address}/search", {"words": words}).get_data(as_text=True)
    return re.sub(r'name="csrf_token" value="[^"]*"', "", page)
