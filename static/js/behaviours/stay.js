// On a device that others use a sign-in ends soon after it was used last. Whoever types or reads here keeps it; whoever does
// neither is asked two minutes before. What was typed stays on the page whatever happens.

import { answered } from "../fragment.js";

const LOOK_MS = 5000;
const WARN_MS = 120000; // experience.md X15
const FIRST_MS = 60000; // the longest day of a sign-in may be nearly over when the page opens
const EVERY_MS = 240000;
const SIGNS = ["keydown", "pointerdown", "scroll", "input"];

export default function stay(box) {
  const idle = Number(box.dataset.idle) * 1000;
  const opened = Date.now();
  let ends = opened + idle;
  let most = Infinity;
  let askedAt = 0;
  let used = false;
  let back = null;

  /** When it ends unless it is used again; what a script of this page fetches counts as use, too. */
  const until = () => Math.min(most, Math.max(ends, answered.at + idle));

  async function use() {
    askedAt = Date.now();
    used = false;
    const options = { credentials: "same-origin", cache: "no-store", headers: { Accept: "application/json" } };
    const answer = await fetch(box.dataset.stay, options);
    if (answer.status === 401) return over();
    if (!answer.ok) return null;
    const said = await answer.json();
    ends = Date.now() + said.left * 1000;
    most = Date.now() + said.most * 1000;
    return look();
  }

  function show(state) {
    if (box.dataset.now === state) return;
    if (!box.dataset.now) back = document.activeElement;
    box.dataset.now = state;
    for (const one of box.querySelectorAll("[data-when]")) one.hidden = !one.dataset.when.includes(state);
    box.hidden = false;
    box.querySelector("button:not([hidden])").focus({ preventScroll: true });
  }

  function hide() {
    if (box.hidden) return;
    box.hidden = true;
    delete box.dataset.now;
    if (back && back.isConnected) back.focus({ preventScroll: true });
  }

  function over() {
    ends = 0;
    answered.at = -Infinity;
    show("over");
  }

  function look() {
    const left = until() - Date.now();
    if (left <= 0) return show("over");
    if (left <= WARN_MS) return show(until() === most ? "most" : "soon");
    hide();
    const due = askedAt ? used && Date.now() - askedAt > EVERY_MS : Date.now() - opened > FIRST_MS;
    return due ? use().catch(() => {}) : null;
  }

  for (const sign of SIGNS) document.addEventListener(sign, () => (used = true), { passive: true, capture: true });
  box.querySelector("[data-keep]").addEventListener("click", () => use().catch(() => {}));
  box.querySelector("[data-close]").addEventListener("click", hide);
  box.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && box.dataset.now !== "soon") hide();
  });
  document.addEventListener("visibilitychange", look);
  setInterval(look, LOOK_MS);
}
