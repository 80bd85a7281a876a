// Remembers how far somebody read. A post counts once it was in view for a second and its end was seen; a flick past, a
// post of which only the beginning was seen, and a page that nobody looks at are not reading. Nothing is skipped: a post
// counts only after all before it, so whoever jumps to the end still finds the place where they stopped.

const READ_MS = 1000;
const SEND_MS = 1500; // several posts read in one go are one message to the server

const place = (post) => Number(post.dataset.seq);

export default function reading(list) {
  if (!window.IntersectionObserver) return;
  const since = new Map(); // posts in view, and since when
  const ended = new Set(); // posts whose end is in view
  const read = new Set(); // places
  let marker = Number(list.dataset.read || 0);
  let sending = null;

  function send() {
    sending = null;
    const token = document.querySelector('input[name="csrf_token"]');
    const body = new URLSearchParams({ seq: marker, csrf_token: token ? token.value : "" });
    const headers = { Accept: "application/json" }; // a bare answer: the page a form would go on to is not wanted here
    fetch(list.dataset.markUrl, { method: "POST", body, headers, credentials: "same-origin", keepalive: true }).catch(() => {});
  }

  /** On to the first post that was not read. Where all of a page was, its last place is passed, whether shown or not. */
  function advance() {
    if (marker < Number(list.dataset.first || 1) - 1) return; // an earlier page is not read yet
    const ahead = [...list.querySelectorAll("[data-seq]")].map(place).filter((one) => one > marker);
    const stop = ahead.find((one) => !read.has(one));
    const passed = stop ? ahead.filter((one) => one < stop) : [...ahead, Number(list.dataset.last || 0)];
    const upto = Math.max(marker, ...passed);
    if (upto === marker) return;
    marker = upto;
    sending = sending || setTimeout(send, SEND_MS);
  }

  function look() {
    if (document.visibilityState !== "visible") return;
    for (const [post, when] of since) if (ended.has(post) && Date.now() - when >= READ_MS) read.add(place(post));
    if (read.size) advance();
  }

  function anew() {
    since.forEach((_when, post) => since.set(post, Date.now()));
    setTimeout(look, READ_MS);
  }

  const whole = new IntersectionObserver((entries) => {
    for (const { target, isIntersecting } of entries) isIntersecting ? since.set(target, Date.now()) : since.delete(target);
  });
  const ends = new IntersectionObserver((entries) => {
    look(); // before an end that was in view until now is forgotten
    for (const { target, isIntersecting } of entries) ended[isIntersecting ? "add" : "delete"](target.parentElement);
    setTimeout(look, READ_MS);
  });

  function watch() {
    for (const post of list.querySelectorAll("[data-seq]")) {
      whole.observe(post);
      ends.observe(post.lastElementChild);
    }
  }
  new MutationObserver(watch).observe(list, { childList: true });
  document.addEventListener("visibilitychange", anew);
  watch();
}
