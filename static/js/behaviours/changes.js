// Keeps an open conversation up to date: asks what changed since its feed number, and puts that in its place.
// It never moves the reader or takes their place away; a button says how many new posts wait below.

import { ask, fragment } from "../fragment.js";
import { focus, still } from "../steady.js";

const EVERY_MS = 20000;

const found = (id) => document.getElementById(`post-${id}`);

/** Puts a post where its number belongs: a released post may come after younger ones. */
function place(list, post) {
  const later = [...list.querySelectorAll("[data-seq]")].find((other) => Number(other.dataset.seq) > Number(post.dataset.seq));
  list.insertBefore(post, later || null);
}

/** Applies one change; true when it added a post. */
function apply(list, change, answer) {
  const old = found(change.post);
  const post = change.html ? fragment(change.html, answer).firstElementChild : null;
  const held = old && old.contains(document.activeElement);
  const next = post || (old && old.nextElementSibling);
  if (old && post) old.replaceWith(post);
  else if (old) old.remove();
  else if (post && list.dataset.append !== "no") place(list, post);
  if (held) focus(next);
  return Boolean(post && !old);
}

export default function changes(list) {
  const button = document.querySelector("[data-new]");
  let firstNew = null;
  let waiting = 0;

  async function look() {
    if (document.visibilityState !== "visible") return;
    const answer = await ask(`${list.dataset.changes}?after=${list.dataset.feed}`);
    const added = still(list.querySelectorAll("[data-seq]"), () => answer.json.changes.filter((change) => apply(list, change, answer)));
    list.dataset.feed = answer.json.to;
    if (!added.length || !button) return;
    waiting += added.length;
    firstNew = firstNew || added[0].post;
    button.querySelector("[data-count]").textContent = waiting;
    button.hidden = false;
  }

  function show() {
    const post = found(firstNew);
    button.hidden = true;
    waiting = 0;
    firstNew = null;
    focus(post);
    if (post) post.scrollIntoView();
  }

  if (document.documentElement.dataset.low) return; // who has little data loads the page again
  const quietly = () => look().catch(() => {}); // the next look is soon enough; the page still reads
  setInterval(quietly, EVERY_MS);
  document.addEventListener("visibilitychange", quietly);
  if (button) button.addEventListener("click", show);
}
