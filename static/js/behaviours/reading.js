// Remembers how far somebody read: a post counts once half of it, or half a screen of it, was seen for a second.
// A flick past is not reading, and a tab in the background reads nothing.

const READ_MS = 1000;
const SEND_MS = 1500; // several posts read in one go are one message to the server

export default function reading(list) {
  if (!window.IntersectionObserver) return;
  const timers = new Map();
  let highest = Number(list.dataset.read || 0);
  let sending = null;

  function send() {
    sending = null;
    const token = document.querySelector('input[name="csrf_token"]');
    const body = new URLSearchParams({ seq: highest, csrf_token: token ? token.value : "" });
    const headers = { Accept: "application/json" }; // a bare answer: the page a form would go on to is not wanted here
    fetch(list.dataset.markUrl, { method: "POST", body, headers, credentials: "same-origin", keepalive: true }).catch(() => {});
  }

  function read(post) {
    const seq = Number(post.dataset.seq);
    if (document.visibilityState !== "visible" || seq <= highest) return;
    highest = seq;
    sending = sending || setTimeout(send, SEND_MS);
  }

  function noticed(entry) {
    const half = entry.intersectionRatio >= 0.5 || entry.intersectionRect.height >= window.innerHeight / 2;
    clearTimeout(timers.get(entry.target));
    timers.delete(entry.target);
    if (half) timers.set(entry.target, setTimeout(() => read(entry.target), READ_MS));
  }

  const eye = new IntersectionObserver((entries) => entries.forEach(noticed), { threshold: [0, 0.1, 0.25, 0.5, 0.75, 1] });
  const watch = () => list.querySelectorAll("[data-seq]").forEach((post) => eye.observe(post));
  new MutationObserver(watch).observe(list, { childList: true });
  watch();
}
