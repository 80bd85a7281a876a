"""Get help now: the numbers of the nation that somebody chose, and a file of them only for whoever asks."""

import pytest

from forum.content import crisis
from forum.content.crisis import ToCheck
from tests.world import World, text_of

pytestmark = pytest.mark.pages


@pytest.mark.parametrize("nation", crisis.NATIONS)
def test_a_nation_can_be_chosen_without_a_sign_in_and_nothing_is_kept(world: World, nation: str) -> None:
    visitor = world.visitor()
    page = visitor.get(f"/help?nation={nation}").get_data(as_text=True)
    assert all(contact.tel in page or contact.sms in page for contact in crisis.contacts(nation))
    assert visitor.cookie is None
    assert ("0800 83 85 87" in page) is (nation == "scotland")
    assert "0800 83 85 87" not in visitor.get("/help").get_data(as_text=True)


def test_a_nation_that_is_not_known_changes_nothing(world: World) -> None:
    assert "116 123" in text_of(world.visitor().get("/help?nation=atlantis"))


def test_the_numbers_are_kept_on_the_phone_only_for_whoever_asks(world: World) -> None:
    visitor = world.visitor()
    page = visitor.get("/help")
    assert page.headers["Cache-Control"] == "no-store"
    assert "serviceWorker" not in page.get_data(as_text=True)
    kept = visitor.get("/help/numbers?nation=wales")
    assert kept.headers["Content-Disposition"] == 'attachment; filename="numbers.html"'
    text = kept.get_data(as_text=True)
    assert "tel:0800132737" in text
    assert "src=" not in text
    assert "https://" not in text  # nothing in it says where it came from, or needs the internet


def test_admins_are_told_of_numbers_that_nobody_checked_and_all_still_show(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    group = world.group()
    admin = world.admin(group.scope.organisation_id)
    shown = text_of(admin.get("/admin"))
    assert "Somebody has to check these numbers" in shown
    assert "Samaritans : never checked" in shown
    assert "116 123" in text_of(world.visitor().get("/help"))
    monkeypatch.setattr(crisis, "list_to_check", lambda _today, _file: ())
    assert "Somebody has to check" not in text_of(admin.get("/admin"))


def test_admins_read_when_a_number_was_last_checked(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    old = ToCheck("A line", ("wales",), world.moment.at.date())
    monkeypatch.setattr(crisis, "list_to_check", lambda _today, _file: (old,))
    assert "A line : last checked on" in text_of(world.admin().get("/admin"))
