// The way out: the page goes blank at once, then the server ends the session and sends the browser elsewhere.
// By the button, or by Shift three times. `replace` leaves no step in the history that Back could return to.

const PRESSES = 3;
const TOGETHER_MS = 5000; // slow hands may need this long; longer would join presses that do not belong together
const SLOW_MS = 3000; // a server that has not answered by then is not waited for

let presses = 0;
let last = 0;

function cover() {
  document.documentElement.classList.add("cg-gone");
}

function go(link) {
  cover();
  if (link.dataset.away) setTimeout(() => location.replace(link.dataset.away), SLOW_MS);
  location.replace(link.href);
}

/** Shift alone, three times; a capital letter in between starts the count again. */
function counted(event) {
  if (event.repeat) return false;
  const now = Date.now();
  presses = event.key === "Shift" ? (now - last < TOGETHER_MS ? presses : 0) + 1 : 0;
  last = now;
  return presses >= PRESSES;
}

export default function leave(link) {
  document.addEventListener("click", (event) => {
    const pressed = event.target.closest && event.target.closest("[data-leave]");
    if (!pressed) return;
    event.preventDefault();
    go(link);
  });
  document.addEventListener("keydown", (event) => {
    if (counted(event)) go(link);
  });
  document.addEventListener("mousedown", () => {
    presses = 0; // Shift held while selecting text is not a wish to leave
  });
  // A page brought back from memory was not asked for again: the session may have ended since.
  window.addEventListener("pageshow", (event) => {
    if (!event.persisted) return;
    cover();
    location.reload();
  });
}
