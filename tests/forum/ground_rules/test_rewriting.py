"""Several rules in one form: changed, moved, taken out and added at once; and one's own proposal changed before people decide."""

import re

import pytest

from forum.base import clock
from forum.base.errors import Invalid
from forum.ground_rules import proposals, rewriting, versions
from forum.ground_rules.patches import ADD, EDIT, MOVE, REMOVE, Rule, apply
from forum.ground_rules.rewriting import Said
from tests.forum.ground_rules import at_hand
from tests.forum.ground_rules.contracting import Council
from tests.world import Person, World, text_of

RULES = tuple(Rule(uid, uid.title(), f"The rule {uid}.", easy=f"{uid}.") for uid in ("one", "two", "three", "four"))


def said(rule: Rule, place: int, *, gone: bool = False, **parts: str) -> Said:
    return Said({"heading": rule.heading, "body": rule.body, "why": rule.why, **parts}, place, gone)


def test_what_a_form_leaves_as_it_is_is_no_change() -> None:
    assert rewriting.patch_of(RULES, RULES, {one.uid: said(one, n) for n, one in enumerate(RULES, 1)}, ()) == ()


def test_rules_are_changed_moved_taken_out_and_added_at_once() -> None:
    one, two, three, four = RULES
    form = {
        "one": said(one, 1, body="Other words."),
        "two": said(two, 2, gone=True),
        "three": said(three, 3),
        "four": said(four, 1),
    }
    new = Rule("own-new", "Phones", "Put your phone away.", origin="own")
    patch = rewriting.patch_of(RULES, RULES, form, (new,))
    assert {change.do for change in patch} == {EDIT, REMOVE, MOVE, ADD}
    after = apply(patch, RULES)
    assert [rule.uid for rule in after] == ["four", "one", "three", "own-new"]
    assert after[1].body == "Other words."
    assert after[1].easy == "", "its Easy Read said the old rule"


def test_a_proposal_in_the_form_stays_what_it_was_beside_what_is_changed() -> None:
    shown = apply(rewriting.patch_of(RULES, RULES, {"one": said(RULES[0], 1, body="First change.")}, ()), RULES)
    form = {"two": said(RULES[1], 2, body="Second change.")}
    after = apply(rewriting.patch_of(RULES, shown, form, ()), RULES)
    assert [rule.body for rule in after[:2]] == ["First change.", "Second change."]


def test_a_rule_that_cannot_stand_is_named() -> None:
    with pytest.raises(Invalid) as refused:
        rewriting.patch_of(RULES, RULES, {"two": said(RULES[1], 2, body="")}, ())
    assert refused.value.field == "body-two"
    with pytest.raises(Invalid) as refused:
        rewriting.patch_of(RULES, RULES, {}, (Rule("own-new", "", "Words."),))
    assert refused.value.field == "heading-new"


@pytest.fixture
def council(world: World) -> Council:
    with world.app.app_context():
        return Council(world)


def form_on(person: Person, page: str) -> dict[str, str]:
    """What a browser would send back of this page, untouched."""
    text = person.get(page).text
    fields: dict[str, str] = {}
    for tag in re.findall(r"<input[^>]*>", text):
        name, value = re.search(r'name="([^"]+)"', tag), re.search(r'value="([^"]*)"', tag)
        kind = re.search(r'type="([^"]+)"', tag)
        if name and kind and (kind[1] in ("hidden", "text") or " checked" in tag):
            fields[name[1]] = value[1] if value else ""
    fields |= dict(re.findall(r'<textarea[^>]*name="([^"]+)"[^>]*>\n?(.*?)</textarea>', text, re.DOTALL))
    for name, options in re.findall(r'<select[^>]*name="([^"]+)"[^>]*>(.*?)</select>', text, re.DOTALL):
        chosen = re.search(r'<option value="([^"]*)"[^>]*selected', options)
        if chosen:
            fields[name] = chosen[1]
    fields.pop("csrf_token", None)
    return {name: re.sub("&#34;|&quot;", '"', words).replace("&#39;", "'") for name, words in fields.items()}


def test_several_changes_are_one_proposal(world: World, council: Council) -> None:
    wren = council.people[0]
    page = f"/g/{council.group.address}/rules/propose/several"
    form = form_on(wren, page)
    asked = {"summary": "We write more gently.", "rationale": "Hard words stay for days."}
    refused = wren.send(page, {**form, **asked})
    assert refused.status_code == 422
    assert "Nothing changes yet. Choose a rule to change first." in text_of(refused)
    changes = {"body-be-kind": "Write gently.", "remove-listen-first": "yes", "place-be-kind": "1"}
    answer = wren.send(page, {**form, **asked, **changes, "heading-new": "Phones", "body-new": "Put it away."})
    assert answer.status_code == 303, text_of(answer)
    told = text_of(wren.get(answer.headers["Location"]))
    for words in ("This rule changed.", "This rule is gone.", "This rule is new.", "moves to place 1."):
        assert words in told


def test_given_rules_are_no_part_of_the_form(council: Council) -> None:
    wren = council.people[0]
    page = f"/g/{council.group.address}/rules/propose/several"
    form = form_on(wren, page)
    assert "heading-what-we-must-tell" not in form
    asked = {"summary": "We tell less.", "rationale": "Because."}
    sneaked = wren.send(page, {**form, **asked, "heading-what-we-must-tell": "x", "body-what-we-must-tell": "y"})
    assert sneaked.status_code == 422, "nothing that may be changed was changed"


def test_an_author_changes_their_proposal_and_people_talk_anew(world: World, council: Council) -> None:
    wren, heron, lark = council.people[:3]
    with world.app.app_context():
        made = at_hand.decided_about(wren, heron, council.lead)
        at_hand.object_to(made, lark)
        at_hand.close(made, wren, heron, lark)
        at_hand.talked_enough(made)
        address = f"/g/{council.group.address}/rules/changes/{at_hand.write_ident(made)}"
    assert "Change my proposal" in text_of(wren.get(address))
    assert "Change my proposal" not in text_of(heron.get(address))
    assert heron.get(f"{address}/amend").status_code == 403
    form = form_on(wren, f"{address}/amend")
    assert form["body-be-kind"] == "Write gently. We are all tired here."
    answer = wren.send(f"{address}/amend", {**form, "body-be-kind": "Keep it short."})
    assert answer.status_code == 303, text_of(answer)
    told = text_of(wren.get(answer.headers["Location"]))
    assert "Your proposal says this now." in told
    assert "The proposal was changed because of it." in told
    with world.app.app_context():
        found = council.get(made)
        assert [change.to["body"] for change in found.patch if change.do == EDIT] == ["Keep it short."]
        assert found.discussed_from == clock.now()


def test_a_form_from_before_other_rules_were_agreed_undoes_nothing(world: World, council: Council) -> None:
    wren, heron = council.people[:2]
    page = f"/g/{council.group.address}/rules/propose/several"
    form = {**form_on(wren, page), "summary": "Other.", "rationale": "Because.", "body-links": "Other words."}
    with world.app.app_context():
        made = at_hand.decided_about(heron, wren, council.lead)
        at_hand.close(made, *council.people[:3])
    answer = wren.send(page, form)
    assert answer.status_code == 409
    assert "Other words." in text_of(answer), "what was typed stands there still"
    with world.app.app_context():
        assert proposals.list_for(wren.actor, council.group_id)[0].id == made
        assert (
            "We are all tired here."
            in {one.uid: one.body for one in versions.get_tip(council.group_id).rules}["be-kind"]
        )
