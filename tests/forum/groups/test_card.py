"""A group's page: what somebody can know before deciding, and what only members are told."""

from tests.world import World, text_of

CARD = {
    "name": "Slow Lane",
    "benefits": "You can say it as it is.\nPeople here have been there.",
    "who_for": "Anyone who cares for somebody with dementia.",
    "expect": "You can read first. Nobody has to write.",
    "facilitators": "Mo, who has cared for her father.",
    "hours": "Mondays 7 to 9 in the evening",
}


def test_the_page_begins_with_what_the_group_is_good_for(world: World) -> None:
    group = world.group("Harbour Trust")
    world.configure(group, **CARD)
    page = text_of(world.visitor().get(f"/g/{group.address}"))
    order = [
        "Slow Lane",
        "You can say it as it is.",
        "Who it is for",
        CARD["who_for"],
        "What to expect",
        CARD["expect"],
    ]
    order += ["Who looks after it", CARD["facilitators"], CARD["hours"], "Harbour Trust", "Read the ground rules"]
    found = [page.index(words) for words in order]
    assert found == sorted(found)


def test_what_nobody_filled_in_leaves_no_empty_heading(world: World) -> None:
    group = world.group()
    assert "What to expect" not in text_of(world.visitor().get(f"/g/{group.address}"))


def test_strangers_read_hours_and_only_members_if_somebody_is_here(world: World) -> None:
    """Who means harm would like to know when nobody looks."""
    group = world.group()
    world.configure(group, **CARD)
    world.on_duty(group, 0, "01:00", "05:00")
    here = "Someone from the team is here until 05:00."
    assert here not in text_of(world.visitor().get(f"/g/{group.address}"))
    assert here in text_of(world.person(group).get(f"/g/{group.address}"))


def test_before_writing_one_reads_how_many_can_read_it(world: World) -> None:
    group = world.group()
    wren, heron = world.person(group), world.person(group)
    form = f"/g/{group.address}/start"
    page = text_of(wren.get(form, follow_redirects=True))
    assert "2 people in this group can read this." in page
    assert page.index("can read this") < page.index("Your words")
    assert heron.name not in page


def test_a_newcomer_learns_how_to_leave_before_giving_anything(world: World) -> None:
    group = world.group()
    page = text_of(world.visitor().get(f"/g/{group.address}/write"))
    assert page.index("How to leave fast") < page.index("Your name here") < page.index("Our ground rules, in short")


def test_nobody_outside_learns_who_is_in_a_group(world: World) -> None:
    group, other = world.group(), world.group()
    names = [world.person(group).name for _ in range(3)]
    for outsider in (world.visitor(), world.person(other)):
        for path in ("/", f"/g/{group.address}", f"/g/{group.address}/rules", f"/g/{group.address}/name"):
            answer = outsider.get(path)
            assert answer.headers["X-Robots-Tag"] == "noindex, noarchive"
            assert not [name for name in names if name in text_of(answer)], path
