// Keeps what is being written on the server, for its writer alone: saved once the hands rest, said truthfully, tried again
// when it failed. Nothing is put into the browser's own storage, where the next person at this device could find it.

import { keep, newName, typed } from "../keeping.js";

const IDLE_MS = 3000;
const AGAIN_MS = 10000;
const SENT_MS = 8000; // as the composer: after this long without an answer the words are not taken for sent

export default function draft(form) {
  const line = form.querySelector("[data-draft-state]");
  const page = newName();
  let saved = typed(form);
  let timer = null;
  let busy = false;

  function say(text, trouble) {
    line.textContent = text;
    line.classList.toggle("cg-status--trouble", trouble);
  }

  function later(wait) {
    clearTimeout(timer);
    timer = setTimeout(save, wait);
  }

  function done(state) {
    if (state !== "sent") {
      form.elements.draft.value = page;
      const button = form.querySelector("[data-throw]");
      if (button) button.hidden = false;
    }
    say(line.dataset[state], false);
  }

  async function save(leaving) {
    const now = typed(form);
    if (now === saved || busy) return;
    busy = true;
    try {
      done(await keep(form, page, leaving === true));
      saved = now;
      if (typed(form) !== saved) later(IDLE_MS);
    } catch (error) {
      say(error.words || line.dataset[error.state || "away"], true);
      if (!error.final) later(AGAIN_MS);
    } finally {
      busy = false;
    }
  }

  const hint = document.getElementById(`${form.elements.body.id}-hint`);
  if (hint) hint.textContent = line.dataset.hint;
  form.addEventListener("input", () => later(IDLE_MS));
  form.addEventListener("change", () => later(IDLE_MS));
  window.addEventListener("online", () => later(0));
  document.addEventListener("visibilitychange", () => document.visibilityState === "hidden" && save(true));
  form.addEventListener("submit", (event) => {
    if (event.defaultPrevented) return;
    clearTimeout(timer);
    saved = typed(form); // what is being sent needs no keeping, unless no answer comes
    setTimeout(() => {
      saved = "";
      later(0);
    }, SENT_MS);
  });
}
