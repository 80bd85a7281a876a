// Who asked for a person, kept up to date on the desk: told over the quick line, else asked for every ten seconds. Only a list
// that says something else replaces the one that stands there; the button that has the focus keeps it.

import { ask, fragment } from "../fragment.js";
import { open } from "../room/line.js";

const EVERY_MS = 10000;
const CHECK_MS = 60000; // where there is a line, it may have lost something

function replace(list, next) {
  const held = list.contains(document.activeElement) ? document.activeElement.textContent : null;
  list.replaceChildren(...next.childNodes);
  const again = held && [...list.querySelectorAll("button, a")].find((one) => one.textContent === held);
  if (again) again.focus({ preventScroll: true });
}

export default function desk(element) {
  const list = element.querySelector("[data-desk]");
  if (!list || document.documentElement.dataset.low) return; // who has little data loads the page again

  async function look() {
    const answer = await ask(element.dataset.deskUrl);
    const next = fragment(answer.html, answer).querySelector("[data-desk]");
    if (next && next.textContent !== list.textContent) replace(list, next);
  }

  let askedAt = Date.now();
  function now() {
    askedAt = Date.now();
    look().catch(() => {}); // the next look is soon enough; the page still reads
  }

  const nothing = () => {};
  const token = document.querySelector('[name="csrf_token"]');
  const on = { up: now, desk: now, ended: () => setTimeout(line.retry, EVERY_MS), posts: nothing, change: nothing, state: nothing };
  const line = open(element.dataset.conversation, token && token.value, on);
  setInterval(() => Date.now() - askedAt >= (line.isUp() ? CHECK_MS : EVERY_MS) && now(), 1000);
}
