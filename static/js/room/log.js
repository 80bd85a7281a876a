// The messages of a live room, each at its place. Who reads at the end follows; who reads further up, or has the focus in the
// log, is never moved: a button says how many came.

import { focus, still } from "../steady.js";
import { fragment } from "../fragment.js";

const NEAR_PX = 40;

export const found = (id) => document.getElementById(`post-${id}`);

/** Shows changes in `log`. */
export function messages(log, button) {
  let unseen = 0;
  let first = null;

  const atEnd = () => log.scrollHeight - log.scrollTop - log.clientHeight < NEAR_PX;
  const follows = () => atEnd() && !log.contains(document.activeElement) && String(document.getSelection()) === "";

  function place(post) {
    const later = [...log.querySelectorAll("[data-seq]")].find((other) => Number(other.dataset.seq) > Number(post.dataset.seq));
    log.insertBefore(post, later || null);
  }

  /** One change; gives the post if it is new here. */
  function apply(change, answer) {
    const old = found(change.post);
    const post = change.html ? fragment(change.html, answer).firstElementChild : null;
    const held = old && old.contains(document.activeElement);
    const next = post || (old && old.nextElementSibling);
    if (old && post) old.replaceWith(post);
    else if (old) old.remove();
    else if (post) place(post);
    if (held) focus(next);
    return post && !old ? post : null;
  }

  function count(posts, isMine) {
    const others = posts.filter((post) => !isMine(post));
    if (!others.length) return;
    unseen += others.length;
    first = first && first.isConnected ? first : others[0];
    button.querySelector("[data-count]").textContent = unseen;
    button.hidden = false;
  }

  function seen() {
    unseen = 0;
    first = null;
    button.hidden = true;
  }

  button.addEventListener("click", () => {
    const post = first;
    seen();
    if (!post) return;
    focus(post);
    log.scrollTop = post.offsetTop - log.offsetTop;
  });
  log.addEventListener("scroll", () => atEnd() && seen(), { passive: true });
  log.scrollTop = log.scrollHeight;

  /** Applies changes in order; gives the posts that are new. */
  return (changes, answer, isMine) => {
    const following = follows();
    const top = log.scrollTop;
    const added = still(log.querySelectorAll("[data-seq]"), () => changes.map((change) => apply(change, answer)).filter(Boolean));
    log.scrollTop = following ? log.scrollHeight : top;
    if (!following) count(added, isMine);
    return added;
  };
}
