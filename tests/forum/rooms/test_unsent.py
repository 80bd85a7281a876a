"""Words typed in a room and not sent: kept for their writer alone, as on boards, also when the room closes meanwhile."""

import pytest

from forum.base.idents import write_ident
from forum.rooms import opening
from tests.meeting import Gathering, gather
from tests.world import Person, World

AS_JSON = {"headers": {"Accept": "application/json"}}


@pytest.fixture
def there(world: World, inside: object) -> Gathering:
    return gather(world, masked=True)


def keep(person: Person, there: Gathering, body: str, page: str = "p" * 32) -> int:
    """As behaviour `draft` does, once the hands rest."""
    form = {"body": body, "masked": "yes", "draft": "", "page": page}
    return person.send(f"/c/{write_ident(there.seen.conversation_id)}/draft", form, **AS_JSON).status_code


def test_words_not_sent_are_there_again_for_their_writer_alone(there: Gathering) -> None:
    wren, heron = there.members
    assert keep(wren, there, "I do not know how to") == 204
    page = wren.get(there.page).text
    assert "I do not know how to</textarea>" in page
    assert f'name="draft" value="{"p" * 32}"' in page
    for other in (heron, there.host):
        assert "I do not know how to" not in other.get(there.page).text
    assert keep(wren, there, "") == 204
    assert "I do not know how to" not in wren.get(there.page).text


def test_words_that_were_sent_are_kept_no_more_and_those_of_another_page_stay(there: Gathering) -> None:
    wren = there.members[0]
    keep(wren, there, "From my computer.", "c" * 32), keep(wren, there, "From my phone.", "d" * 32)
    page = wren.get(there.page).text
    assert "From my phone.</textarea>" in page
    assert "From my computer." in page
    sent = {"body": "From my phone.", "masked": "yes", "draft": "d" * 32, "token": "t" * 26}
    assert wren.send(f"{there.page}/say", sent).status_code == 303
    assert "From my computer.</textarea>" in wren.get(there.page).text


def test_words_that_are_refused_come_back_and_stay_kept(there: Gathering) -> None:
    wren = there.members[0]
    keep(wren, there, "Under my name?", "d" * 32)
    refused = wren.send(f"{there.page}/say", {"body": "Under my name?", "masked": "no", "draft": "d" * 32})
    assert (refused.status_code, "Under my name?</textarea>" in refused.text) == (403, True)
    assert f'name="draft" value="{"d" * 32}"' in refused.text


def test_words_not_sent_when_the_room_closed_are_shown_and_can_be_thrown_away(there: Gathering) -> None:
    wren, heron = there.members
    keep(wren, there, "I wanted to say goodbye.")
    opening.close_meeting(there.host.actor, there.id)
    assert "I wanted to say goodbye." in wren.get(there.page).text
    assert "Words you did not send" not in heron.get(there.page).text
    wren.send(f"/c/{write_ident(there.seen.conversation_id)}/draft", {"discard": "yes"})
    assert "I wanted to say goodbye." not in wren.get(there.page).text
