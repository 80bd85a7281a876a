// Single keys: from post to post, to the search, through what waits for a team. Only for who switched them on (WCAG 2.1.4),
// who may also choose the keys; never while somebody writes, and never together with a key that means something else.
// A key never decides anything: it moves the focus there, or takes the next thing that waits.

import { chosen } from "../keymap.js";
import { focus } from "../steady.js";

const PLACES = ".cg-post, .cg-card";

const isWriting = (element) => Boolean(element && element.closest("input, textarea, select, [contenteditable]"));

/** The next place in `direction` from where the focus is, or from what stands at the top of the screen. */
function step(direction) {
  const places = [...document.querySelectorAll(PLACES)];
  const held = places.findIndex((place) => place.contains(document.activeElement));
  const shown = places.findIndex((place) => place.getBoundingClientRect().bottom > 0);
  const next = held >= 0 ? held + direction : direction > 0 ? shown : shown - 1;
  const place = places[next];
  if (!place) return;
  focus(place);
  place.scrollIntoView();
}

function search() {
  const field = document.getElementById("search-words");
  const link = document.querySelector("[rel~=search]");
  if (field) field.focus();
  else if (link) link.click();
}

const marked = (name) => document.querySelector(`[data-key="${name}"]`);

/** Presses what the page marked for this act, if it has such a thing. */
const press = (name) => () => marked(name) && marked(name).click();

/** Opens the words, and goes there. */
function words() {
  const summary = marked("words");
  if (!summary) return;
  summary.focus();
  if (!summary.parentElement.open) summary.click();
}

/** Goes to the first thing that can be decided; pressing it stays with the person. */
function decide() {
  const first = marked("decide") || document.querySelector("[data-decide] button, [data-decide] input:not([type='hidden'])");
  if (first) first.focus();
}

const MEANING = {
  next: () => step(1),
  back: () => step(-1),
  search,
  help: () => location.assign("/display#keys"),
  take: press(marked("claim") ? "claim" : "take"),
  words,
  decide,
  list: () => (marked("list") || document.querySelector(".nhsuk-back-link") || document.body).click(),
};

const act = (key) => Object.entries(chosen()).find(([, one]) => one === key);

export default function keys() {
  document.addEventListener("keydown", (event) => {
    const found = document.documentElement.dataset.keys && act(event.key);
    const wanted = found && MEANING[found[0]];
    if (!wanted || event.ctrlKey || event.altKey || event.metaKey || isWriting(event.target)) return;
    event.preventDefault();
    wanted();
  });
}
