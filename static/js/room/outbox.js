// Words on their way: shown as "sending" until the server says that they are kept, then "not sent yet", and tried again with
// the same key, so that they arrive once. One goes after the other, in the order in which they were written.

import { newName } from "../keeping.js";

const WAITS_MS = [2000, 4000, 8000, 15000];

/** `deliver(words, key)` gives `{ post, state }`, `{ error, words }`, or null when nobody answered. */
export function outbox(list, deliver, on) {
  const waiting = [];
  let busy = false;
  let tries = 0;
  let timer = null;

  function show(item, state) {
    item.line.dataset.state = state;
    item.line.querySelector("[data-said]").textContent = list.dataset[state] || "";
    item.line.querySelector("button").hidden = state !== "unsent";
  }

  function add(words) {
    const line = list.querySelector("template").content.firstElementChild.cloneNode(true);
    const item = { words, key: newName(), line };
    line.querySelector("[data-words]").textContent = words;
    line.querySelector("button").addEventListener("click", () => now());
    list.append(line);
    list.hidden = false;
    return item;
  }

  function gone(item) {
    item.line.remove();
    list.hidden = !list.querySelector("[data-state]");
  }

  function answered(item, answer) {
    waiting.shift();
    tries = 0;
    if (answer.error === "ask") {
      gone(item);
      on.ask(item.words);
    } else if (answer.error) {
      gone(item);
      on.refused(item.words, answer.words);
    } else if (answer.state === "visible") {
      on.kept(answer.post, () => gone(item));
    } else {
      // Kept, and its author alone sees it: till a person read it, or till quiet minutes are over.
      show(item, answer.state === "sending" ? "quiet" : answer.state);
      on.waits(answer.post, () => gone(item));
    }
  }

  async function next() {
    if (busy || !waiting.length) return;
    busy = true;
    const item = waiting[0];
    show(item, "sending");
    const answer = await deliver(item.words, item.key).catch(() => null);
    busy = false;
    if (answer && answer.error !== "busy" && answer.error !== "wait") {
      answered(item, answer);
      next();
    } else {
      waiting.forEach((one) => show(one, "unsent"));
      on.unsent();
      timer = setTimeout(now, answer && answer.seconds ? answer.seconds * 1000 : WAITS_MS[Math.min(tries++, WAITS_MS.length - 1)]);
    }
  }

  /** Tries again at once. */
  function now() {
    clearTimeout(timer);
    next();
  }

  return {
    now,
    send(words) {
      waiting.push(add(words));
      show(waiting[waiting.length - 1], "sending");
      next();
    },
  };
}
