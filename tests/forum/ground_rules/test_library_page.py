"""The library of clauses as members read it."""

from forum.content.library import clause_library
from tests.world import World, text_of


def test_members_read_every_rule_on_offer_by_topic_with_its_reason(world: World) -> None:
    group = world.group()
    wren = world.person(group)
    page = f"/g/{group.address}/rules/library"
    topics = text_of(wren.get(page))
    for topic in clause_library().topics:
        assert topic.name in topics
    links, screenshots = (text_of(wren.get(f"{page}?topic={uid}")) for uid in ("links", "screenshots"))
    assert "No links" in links
    assert "Without links nobody can be led to a scam" in links
    assert "Nobody posts links here." in links
    assert "What the site does then" not in screenshots


def test_a_rule_that_the_group_has_is_said(world: World) -> None:
    group = world.group()
    shown = text_of(world.person(group).get(f"/g/{group.address}/rules/library?topic=links"))
    assert shown.count("Your group has this rule.") == 1
    assert "Links wait for a person to look Your group has this rule." in shown


def test_rules_for_live_rooms_say_what_the_site_does_and_what_it_never_shows(world: World) -> None:
    group = world.group()
    wren = world.person(group)
    shown = text_of(wren.get(f"/g/{group.address}/rules/library?topic=rooms"))
    assert "A live room never shows who only reads." in shown
    assert "What the site does then" in shown
    assert "You speak when the facilitator calls you." in shown
    assert "Others can see that you are there." not in shown


def test_the_library_has_easy_words(world: World) -> None:
    group = world.group()
    shown = text_of(world.person(group).get(f"/g/{group.address}/rules/library?topic=advice&easy=yes"))
    assert "Does the person want ideas?" in shown
    assert "Then say what worked for you." not in shown
