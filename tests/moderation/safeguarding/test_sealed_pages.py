"""The pages of keys and sealed details, with forms as a browser sends them."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import delete, update

from forum.base.idents import new_ident, write_ident
from forum.base.transaction import here, transaction
from forum.groups import kept_out
from forum.models import OfficerRole, Role
from moderation.safeguarding import concerns, opening_queries, transitions
from moderation.safeguarding.key_models import KeyShare
from moderation.safeguarding.models import Kind, Origin
from moderation.safeguarding.opening_queries import Opening
from moderation.safeguarding.people_models import CallSetting
from tests import safeguarding
from tests.moderation.safeguarding.sealed import LEFT, NUMBER, Sealed, sealed
from tests.world import GroupHere, Person, World, post_url, text_of

pytestmark = pytest.mark.pages

WHY = "The ambulance needs to find them."
FORM = {"fields": ["phone"], "purpose": WHY, "basis": "vital", "grounds": "third_party", "line": "", "off_hours": ""}


def words_on(page: str) -> str:
    """The six words of a page that shows them."""
    listed = re.search(r'<ol class="cg-phrase".*?</ol>', page, flags=re.S)
    assert listed
    return " ".join(re.findall(r"<li>(\w+)</li>", listed[0]))


def concern_about(on: Sealed) -> bytes:
    """A worry about the member."""
    raised = concerns.Raise(
        on.group.scope, Kind.ADULT, Origin.MEMBER, new_ident(), "persona", on.member.persona_id, "She said goodbye."
    )
    with on.world.app.app_context():
        return concerns.raise_concern(raised).concern_id


def newest(on: Sealed, person: Person, concern: bytes) -> Opening:
    """The asking that was made last."""
    from moderation.safeguarding import queries
    from tests.moderation.safeguarding.test_opening import Stage

    with on.world.app.app_context():
        case, me = queries.get(Stage(on, concern).actor(person), concern)
        return opening_queries.list_of(case, me)[0]


def test_from_no_key_to_details_that_are_locked(world: World) -> None:
    group = world.group()
    tier, member = safeguarding.arm(world, group), world.person(group)
    address = f"/g/{group.address}/contact"
    assert "so we do not take any" in text_of(member.get(address))
    world.step_up(tier.lead)
    words = words_on(tier.lead.send("/safeguarding/keys/own").get_data(as_text=True))
    assert tier.lead.send("/safeguarding/keys/make").status_code == 403
    assert tier.lead.send("/safeguarding/keys/try", {"words": "acid acorn"}).status_code == 422
    assert tier.lead.send("/safeguarding/keys/try", {"words": words}).status_code == 303
    assert tier.lead.send("/safeguarding/keys/make").status_code == 303
    assert "Only one person can open them" in text_of(tier.lead.get("/safeguarding/keys"))
    page = text_of(member.get(address))
    assert page.index("Skip this") < page.index("Leave details")
    assert "Lee Lead" in page
    kept = member.send(address, LEFT)
    assert kept.status_code == 303
    after = text_of(member.get(kept.headers["Location"]))
    assert "They are locked now" in after
    assert NUMBER not in after
    assert member.send(f"{address}/gone").status_code == 303
    assert "You left details" not in text_of(member.get(address))


def test_a_form_that_is_refused_keeps_its_words(world: World) -> None:
    on = sealed(world)
    refused = on.member.send(f"/g/{on.group.address}/contact", {**LEFT, "place": "x" * 201})
    assert refused.status_code == 422
    assert NUMBER in refused.get_data(as_text=True)


def test_asked_agreed_opened_and_read_by_the_member(world: World) -> None:
    on = sealed(world)
    lead, deputy, concern = on.tier.lead, on.tier.deputy, concern_about(on)
    with world.app.app_context():
        lead_words = on.words[on.tier.ids[OfficerRole.LEAD]]
    here = f"/concerns/{write_ident(concern)}/details"
    world.step_up(lead)
    assert lead.send(here, {**FORM, "way": "two_people"}).status_code == 403
    with world.app.app_context():
        from tests.moderation.safeguarding.test_opening import Stage

        transitions.emergency(Stage(on, concern).actor(lead), concern)
    assert lead.send(here, {**FORM, "way": "two_people", "purpose": "x"}).status_code == 422
    assert lead.send(here, {**FORM, "way": "two_people"}).status_code == 303
    asked = f"/openings/{write_ident(newest(on, lead, concern).id)}"
    assert lead.send(f"{asked}/answer", {"say": "yes"}).status_code == 403
    world.step_up(deputy)
    assert "Yes, open these" in text_of(deputy.get(here))
    assert deputy.send(f"{asked}/answer", {"say": "yes"}).status_code == 303
    assert deputy.send(f"{asked}/open", {"words": on.words[on.tier.ids[OfficerRole.DEPUTY]]}).status_code == 403
    world.step_up(lead)
    assert lead.send(f"{asked}/open", {"words": "acid acid acid acid acid acid"}).status_code == 422
    shown = lead.send(f"{asked}/open", {"words": lead_words})
    assert NUMBER in text_of(shown)
    assert LEFT["place"] not in text_of(shown)
    assert shown.headers["Refresh"].startswith("3600;")
    assert "no-store" in shown.headers["Cache-Control"]
    assert "Your details were opened" in text_of(on.member.get(f"/g/{on.group.address}/contact"))
    assert "Your contact details were opened" in text_of(on.member.get("/messages"))
    told = text_of(on.member.get(f"/g/{on.group.address}/contact/opened"))
    assert "Your contact details were opened" not in text_of(on.member.get("/messages"))
    assert "Lee Lead" in told
    assert WHY in told
    assert "Dee Deputy agreed to it" in told
    assert "Your details were opened" not in text_of(on.member.get(f"/g/{on.group.address}/contact"))
    assert "Another officer reviews" in text_of(lead.get(here))
    assert deputy.send(f"{asked}/review", {"review": "It was right to do so."}).status_code == 303
    assert "It was right to do so." in text_of(lead.get(here))


def test_a_facilitator_makes_and_tries_their_half(world: World) -> None:
    on = sealed(world)
    world.second_step(on.facilitator)
    here = f"/g/{on.group.address}/key"
    assert "You hold your half" in text_of(on.facilitator.get(here))
    world.step_up(on.facilitator)
    words = words_on(on.facilitator.send(here).get_data(as_text=True))
    assert "You never tried it" in text_of(on.facilitator.get(here))
    assert on.facilitator.send(f"{here}/try", {"words": words}).status_code == 303
    assert "holds no share" in text_of(on.tier.lead.get("/safeguarding/keys"))
    world.step_up(on.tier.lead)
    give = {"words": on.words[on.tier.ids[OfficerRole.LEAD]], "to": write_ident(on.facilitator.persona_id)}
    assert on.tier.lead.send("/safeguarding/keys/share", give).status_code == 303
    assert "You hold your half" in text_of(on.facilitator.get(here))


def test_a_facilitator_without_a_key_is_led_to_where_it_is_made(world: World) -> None:
    on = sealed(world)
    fresh = world.person(on.group, Role.FACILITATOR)
    page = fresh.get(f"/concerns/{write_ident(concern_about(on))}/details")
    assert f'href="/g/{on.group.address}/key"' in page.get_data(as_text=True)


def test_sec_s18_without_a_code_of_the_last_minutes_nothing_of_keys_or_details_happens(world: World) -> None:
    on = sealed(world)
    lead, concern = on.tier.lead, write_ident(concern_about(on))
    pages = ("own", "make", "share", "change")
    acts = [
        *(f"/safeguarding/keys/{one}" for one in pages),
        *(f"/concerns/{concern}/{one}" for one in ("details", "export", "delete")),
    ]
    world.moment.go(minutes=11)
    for act in acts:
        answer = lead.send(act, FORM)
        assert answer.status_code == 403, act
        assert "step_up_code" in answer.get_data(as_text=True), act
    world.step_up(lead)
    assert lead.send("/safeguarding/keys/own").status_code == 200


def test_the_key_is_changed_by_a_form(world: World) -> None:
    on = sealed(world)
    world.step_up(on.tier.lead)
    words = on.words[on.tier.ids[OfficerRole.LEAD]]
    assert on.tier.lead.send("/safeguarding/keys/change", {"words": words}).status_code == 303
    assert "The key is changed" in text_of(on.tier.lead.get("/safeguarding/keys?done=changed"))


def test_no_page_of_keys_or_details_is_an_admins(world: World) -> None:
    on = sealed(world)
    admin, concern = world.admin(on.group.scope.organisation_id), concern_about(on)
    for path in ("/safeguarding/keys", f"/concerns/{write_ident(concern)}/details", f"/g/{on.group.address}/contact"):
        assert admin.get(path).status_code == 404
        assert on.tier.lead.get(path).status_code == (404 if path.startswith("/g/") else 200)


# --- Who just asked for help, or told of a worry, is offered it -------------------------------------------------------


def after_the_doors(world: World, member: Person, author: Person) -> dict[str, str]:
    """The pages on which a member stands after each door, by door."""
    assert member.group
    at = f"/g/{member.group.address}"
    post = world.reply(author, world.topic(author), "I cannot see a way on.")
    return {
        "need help": member.send(f"{at}/need-help", {"token": "help"}, follow_redirects=True).text,
        "worried": member.send(f"{at}/worried", {"token": "worry", "body": "Jay sounded low."}).text,
        "about a post": member.send(post_url(post, "worry"), {"token": "post", "body": "Please look."}).text,
    }


def offered(pages: dict[str, str], group: GroupHere) -> list[str]:
    """The doors after which the page leads to the contact details."""
    return [door for door, page in pages.items() if f'href="/g/{group.address}/contact"' in page]


def test_after_each_door_a_member_is_led_to_their_contact_details(world: World) -> None:
    on = sealed(world)
    pages = after_the_doors(world, world.person(on.group), on.member)
    assert offered(pages, on.group) == ["need help", "worried", "about a post"]
    for page in pages.values():
        assert "You can say how to reach you if you are not safe. It is locked." in page


def test_nobody_is_led_to_a_page_that_takes_no_details(world: World) -> None:
    group = world.group()
    safeguarding.arm(world, group)
    assert offered(after_the_doors(world, world.person(group), world.person(group)), group) == []


def test_who_left_details_finds_them_also_when_the_key_is_lost(world: World) -> None:
    on = sealed(world)
    with world.app.app_context(), transaction():
        here().execute(delete(KeyShare))
    assert offered(after_the_doors(world, world.person(on.group), on.member), on.group) == []
    assert offered(after_the_doors(world, on.member, on.facilitator), on.group) == [
        "need help",
        "worried",
        "about a post",
    ]


def test_where_nobody_is_called_or_somebody_is_kept_out_no_details_are_asked_for(world: World) -> None:
    on = sealed(world)
    with world.app.app_context(), transaction():
        kept_out.suspend(on.group.scope, on.member.persona_id, world.moment.at + timedelta(days=14), new_ident())
    out = on.member.send(f"/g/{on.group.address}/need-help", follow_redirects=True).text
    assert "We have heard you" in out
    assert offered({"kept out": out}, on.group) == []
    with world.app.app_context(), transaction():
        here().execute(update(CallSetting).values(armed_on=None))
    worried = world.person(on.group).send(f"/g/{on.group.address}/worried", {"body": "Jay sounded low."}).text
    assert "This calls no one." in worried
    assert offered({"not armed": worried}, on.group) == []
