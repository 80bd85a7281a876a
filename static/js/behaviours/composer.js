// Looks after words that are not sent yet: no second send by a double tap, no send into a dead line,
// and a warning before a text is too long. The words themselves are never touched.

const AGAIN_MS = 8000; // after this long without an answer, sending again is better than waiting
const NEARLY_FULL = 0.9;

function say(status, text, trouble) {
  status.textContent = text;
  status.classList.toggle("cg-status--trouble", trouble);
}

/** Letters as people count them: one for each emoji's code point, not two. */
function room(field) {
  const limit = Number(field.dataset.limit);
  const left = limit - Array.from(field.value).length;
  return left > limit * (1 - NEARLY_FULL) ? null : left;
}

export default function composer(form) {
  const status = form.querySelector("[data-status]");
  const field = form.querySelector("textarea[data-limit]");
  const words = status.dataset;
  let sent = false;
  let counting = false;

  form.addEventListener("submit", (event) => {
    if (sent) return event.preventDefault();
    if (navigator.onLine === false) {
      event.preventDefault();
      return say(status, words.offline, true);
    }
    sent = true;
    say(status, words.sending, false);
    setTimeout(() => {
      sent = false;
      say(status, words.slow, true);
    }, AGAIN_MS);
  });

  window.addEventListener("offline", () => say(status, words.offline, true));
  window.addEventListener("online", () => say(status, words.online, false));

  if (!field) return;
  field.addEventListener("input", () => {
    const left = room(field);
    if (left === null && !counting) return; // leaves "not sent yet" where it stands
    counting = left !== null;
    if (!counting) return say(status, "", false);
    say(status, (left < 0 ? words.over : words.left).replace("{count}", Math.abs(left)), left < 0);
  });
}
