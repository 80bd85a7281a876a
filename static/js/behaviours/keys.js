// Single keys for reading: j and k from post to post, / to search, ? to the page that explains them. Only for who switched
// them on (WCAG 2.1.4), never while somebody writes, and never together with a key that means something else.

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

const MEANING = {
  j: () => step(1),
  k: () => step(-1),
  "/": search,
  "?": () => location.assign("/display#keys"),
};

export default function keys() {
  document.addEventListener("keydown", (event) => {
    const wanted = document.documentElement.dataset.keys && MEANING[event.key];
    if (!wanted || event.ctrlKey || event.altKey || event.metaKey || isWriting(event.target)) return;
    event.preventDefault();
    wanted();
  });
}
