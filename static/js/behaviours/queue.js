// Keeps the list of what waits up to date: asks for it every twenty seconds, and sooner when a hint comes. What somebody
// is at in the list stays theirs: the focus and the place on the screen do not move.

import { ask, fragment } from "../fragment.js";
import { still } from "../steady.js";

const EVERY_MS = 20000;
const HINTS_MS = 500; // several hints at once are one question

/** Puts the new list in the place of the old one; a link that has the focus keeps it if it is still there. */
function replace(list, next) {
  const held = list.contains(document.activeElement) ? document.activeElement.getAttribute("href") : null;
  still(list.querySelectorAll("li"), () => list.replaceChildren(...next.childNodes));
  const again = held && [...list.querySelectorAll("a")].find((link) => link.getAttribute("href") === held);
  if (again) again.focus({ preventScroll: true });
}

export default function queue(list) {
  let asked = null;

  async function look() {
    asked = null;
    if (document.visibilityState !== "visible") return;
    const answer = await ask(location.href);
    const next = fragment(answer.html, answer).querySelector("[data-behaviour='queue']");
    if (next && next.innerHTML !== list.innerHTML) replace(list, next);
  }

  const quietly = () => look().catch(() => {}); // the next look is soon enough; the page still reads
  const soon = () => (asked = asked || setTimeout(quietly, HINTS_MS));

  /** Hints only make it sooner. Without them, or if the line breaks, the list still asks by itself. */
  function listen() {
    const token = document.querySelector("input[name='csrf_token']");
    if (!window.io || !token) return;
    const line = window.io("/live", { transports: ["websocket"], auth: { token: token.value } });
    line.on("connect", () => line.emit("watch", { group: list.dataset.group }, soon));
    line.on("queue", soon);
  }

  if (document.documentElement.dataset.low) return; // who has little data loads the page again
  setInterval(quietly, EVERY_MS);
  document.addEventListener("visibilitychange", quietly);
  window.addEventListener("load", listen); // the client of the line comes after this script
}
