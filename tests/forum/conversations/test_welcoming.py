"""First words do not stay without an answer; an alias never says that its wearer is new."""

from forum.base.idents import write_ident
from forum.models import Role
from tests.world import GroupHere, Person, World, conversation_url, text_of

WAITS = "Someone new is waiting"


def new_here(person: Person) -> str:
    assert person.group
    answer = person.get(f"/g/{person.group.address}/new-here")
    assert answer.status_code == 200
    return text_of(answer)


def pages(person: Person, group: GroupHere) -> list[str]:
    """The pages of a group that say so: its own, and a board twice, for the second may come from memory."""
    board = f"/b/{write_ident(group.board)}"
    return [text_of(person.get(path)) for path in (f"/g/{group.address}", board, board)]


def test_first_words_are_listed_until_somebody_answers(world: World) -> None:
    group = world.group()
    warden, wren, heron = world.person(group, Role.MODERATOR), world.person(group), world.person(group)
    first = world.topic(wren, "Is anybody there")
    second = world.topic(heron, "Hello you")
    assert wren.name in new_here(warden)
    assert heron.name in new_here(warden)
    world.reply(wren, first, "I am still here.")
    assert "Is anybody there" in new_here(warden)
    world.reply(heron, first, "I am with you.")
    assert "Is anybody there" not in new_here(warden)
    assert "Hello you" in new_here(warden)
    world.reply(wren, second, "Me too.", masked=True)
    assert "Everybody new here has an answer" in new_here(warden)


def test_l24_words_under_an_alias_are_never_listed(world: World) -> None:
    group = world.group()
    warden, wren = world.person(group, Role.MODERATOR), world.person(group)
    world.topic(wren, "Under an alias", masked=True)
    assert "Under an alias" not in new_here(warden)
    world.topic(wren, "Under my name")
    assert "Under my name" in new_here(warden)
    assert "Under an alias" not in new_here(warden)


def test_only_first_words_of_people_who_are_new_are_listed(world: World) -> None:
    group = world.group()
    warden, wren = world.person(group, Role.MODERATOR), world.person(group)
    world.reply(warden, world.topic(wren, "The first one"), "Welcome.")
    world.topic(wren, "The second one")
    world.topic(warden, "From the team")
    late = world.person(group)
    world.moment.go(days=30)
    world.topic(world.signed_in_again(late), "After a month")
    assert "Everybody new here has an answer" in new_here(world.signed_in_again(warden))


def test_a_target_time_comes_from_the_duty_times_and_is_never_more_than_a_day(world: World) -> None:
    group = world.group()
    warden = world.person(group, Role.MODERATOR)
    world.topic(world.person(group))
    assert "Please answer by" in new_here(warden)
    world.moment.go(hours=25)
    assert "waited longer than we want" in new_here(world.signed_in_again(warden))


def test_a_facilitator_lets_a_member_welcome_and_ends_it(world: World) -> None:
    group = world.group()
    lead, wren = world.person(group, Role.FACILITATOR), world.person(group)
    world.topic(world.person(group), "Is anybody there")
    path, page = f"/g/{group.address}/people", f"/g/{group.address}/new-here"
    assert wren.get(page).status_code == 404
    person = f"{path}/{_ident(wren)}"
    assert "Let them welcome newcomers" in text_of(lead.get(person))
    lead.send(f"{person}/welcomer", {"welcomes": "yes"})
    assert "Is anybody there" in new_here(wren)
    assert page in wren.get(f"/g/{group.address}").text
    lead.send(f"{person}/welcomer")
    assert wren.get(page).status_code == 404


def test_sec_s22_who_is_a_welcomer_here_is_nobody_elsewhere(world: World) -> None:
    here, far = world.group(), world.group()
    lead, stranger = world.person(here, Role.FACILITATOR), world.person(far)
    answer = lead.send(f"/g/{here.address}/people/{_ident(stranger)}/welcomer", {"welcomes": "yes"})
    assert answer.status_code == 404
    assert stranger.get(f"/g/{far.address}/new-here").status_code == 404


def test_new_here_stands_beside_the_name_for_the_team_or_if_the_person_wants_it(world: World) -> None:
    group = world.group()
    warden, wren, heron = world.person(group, Role.MODERATOR), world.person(group), world.person(group)
    topic = world.topic(wren)
    world.reply(heron, topic, "Under an alias.", masked=True)
    assert text_of(warden.get(conversation_url(topic))).count("(new here)") == 1
    assert "(new here)" not in text_of(heron.get(conversation_url(topic)))
    wren.send(f"/g/{group.address}/about-me", {"shows_new": "yes"})
    world.moment.go(minutes=2)
    assert text_of(heron.get(conversation_url(topic))).count("(new here)") == 1


def test_at_night_everybody_who_is_here_learns_that_somebody_waits(world: World) -> None:
    group = world.group()
    wren, heron = world.person(group), world.person(group)
    assert not any(WAITS in page for page in pages(heron, group))
    topic = world.topic(wren)
    world.moment.go(minutes=18)
    assert not any(WAITS in page for page in pages(heron, group))
    world.moment.go(minutes=3)
    assert all(WAITS in page for page in pages(heron, group))
    assert not any(WAITS in page for page in pages(wren, group))
    world.reply(heron, topic, "I am here.")
    assert not any(WAITS in page for page in pages(heron, group))


def test_in_duty_times_and_under_an_alias_nobody_is_called(world: World) -> None:
    group, quiet = world.group(), world.group()
    for weekday in range(7):
        world.on_duty(group, weekday, "00:00", "00:00")
    wren, heron, robin = world.person(group), world.person(group), world.person(quiet)
    world.topic(wren)
    world.topic(world.person(quiet), masked=True)
    world.moment.go(minutes=30)
    assert not any(WAITS in page for page in pages(heron, group))
    assert not any(WAITS in page for page in pages(robin, quiet))


def _ident(person: Person) -> str:
    return write_ident(person.persona_id)
