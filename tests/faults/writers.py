"""People who go on posting whatever happens, and note what they were told."""

import threading
import time
from dataclasses import dataclass, field

from tests.faults.checker import Sent
from tests.faults.site import Browser, browser_of
from tests.world import Person, World, conversation_url

#: Between two posts of one writer, so that four of them leave the machine time for the rest.
PAUSE_S = 0.02


@dataclass
class Writer:
    """One person with one topic, who posts named, masked and held words in turn."""

    person: Person
    topic: bytes
    browser: Browser
    sent: list[Sent] = field(default_factory=list)
    refusals: list[int] = field(default_factory=list)
    latest_ok: float = 0.0
    held_every: int = 5  #: every fifth post has a link, so that the gate holds it

    def post(self) -> None:
        """Write something new, once."""
        n = len(self.sent)
        form = Sent(f"{self.person.name}-{n}", f"{self.person.name} says this as number {n}", [])
        if n % self.held_every == self.held_every - 1:
            form.body += " on https://example.org/"
        self.sent.append(form)
        self.send(form)

    def send(self, form: Sent) -> None:
        """Send a form, also again. Only a whole answer counts as one."""
        masked = "yes" if int(form.token.rpartition("-")[2]) % 3 == 1 else ""
        fields = {"body": form.body, "token": form.token, "masked": masked}
        try:
            answer = self.browser.send(f"{conversation_url(self.topic)}/posts", fields)
        except OSError:
            return
        if answer.status == 303:
            form.answered.append(answer.post)
            self.latest_ok = time.monotonic()
        else:
            self.refusals.append(answer.status)

    def open_forms(self) -> list[Sent]:
        """What was sent and never acknowledged."""
        return [form for form in self.sent if not form.acknowledged]

    def retry(self) -> None:
        """Send what was never acknowledged once more, as a person would."""
        for form in self.open_forms():
            self.send(form)


def settle_in(world: World, url: str, writers: int = 4, topics: int = 2) -> list[Writer]:
    """Some people of one group in a few topics."""
    group = world.group()
    opened = [world.topic(world.person(group), f"Topic {n}", f"It begins here: {n}.") for n in range(topics)]
    persons = [world.person(group) for _n in range(writers)]
    return [Writer(p, opened[n % topics], browser_of(p, url)) for n, p in enumerate(persons)]


def write_until(writers: list[Writer], stop: threading.Event) -> list[threading.Thread]:
    """Have all of them post, each in a thread, until told to stop."""

    def go_on(writer: Writer) -> None:
        while not stop.is_set():
            writer.post()
            time.sleep(PAUSE_S)

    threads = [threading.Thread(target=go_on, args=(writer,), daemon=True) for writer in writers]
    for thread in threads:
        thread.start()
    return threads


def all_sent(writers: list[Writer]) -> list[Sent]:
    """Every form of all of them."""
    return [form for writer in writers for form in writer.sent]
