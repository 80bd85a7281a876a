// A facilitator's page says every ten seconds that it is still there, so that their seat in the room stays theirs. A page
// without scripts does so each time it is loaded.

const EVERY_MS = 10000;

export default function seat(element) {
  const token = document.querySelector("input[name='csrf_token']");
  if (!element.dataset.renew || !token) return;
  const renew = () => {
    const body = new URLSearchParams({ csrf_token: token.value });
    fetch(element.dataset.renew, { method: "POST", body, credentials: "same-origin", keepalive: true }).catch(() => {});
  };
  setInterval(renew, EVERY_MS);
}
