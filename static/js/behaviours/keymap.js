// Lets somebody choose the keys themselves, in this browser. Two acts never share a key.

import { chosen, keep, USUAL } from "../keymap.js";

export default function keymap(box) {
  const fields = [...box.querySelectorAll("input[data-act]")];
  const said = box.querySelector("[role='status']");

  function show(keys) {
    for (const field of fields) field.value = keys[field.dataset.act];
  }

  function change() {
    const keys = Object.fromEntries(fields.map((field) => [field.dataset.act, field.value.trim().toLowerCase()]));
    const typed = Object.values(keys);
    const fit = typed.every((key) => [...key].length === 1) && new Set(typed).size === typed.length;
    if (fit) keep(keys);
    said.textContent = fit ? said.dataset.kept : said.dataset.wrong;
  }

  function again() {
    keep(USUAL);
    show(USUAL);
    said.textContent = said.dataset.kept;
  }

  show(chosen());
  box.addEventListener("input", change);
  box.querySelector("button").addEventListener("click", again);
  box.hidden = false;
}
