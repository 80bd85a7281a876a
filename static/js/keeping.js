// Sending unsent words to be kept, and what became of them.

const MOST_KEEPALIVE = 60000; // browsers refuse to finish more than this for a page that is gone

/** This page's own name: two pages that write at once each keep their own words. */
export function newName() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** What a form says, but for what changes by itself. */
export function typed(form) {
  const fields = new FormData(form);
  fields.delete("csrf_token");
  fields.delete("draft");
  return new URLSearchParams(fields).toString();
}

/** Whether it was kept: `saved`, `others` (another page keeps words, too), or `sent` (they were posted already). */
export async function keep(form, page, leaving) {
  const body = new FormData(form);
  body.append("page", page);
  const options = { method: "POST", body, headers: { Accept: "application/json" }, credentials: "same-origin" };
  const answer = await fetch(form.dataset.draft, { ...options, keepalive: leaving && typed(form).length < MOST_KEEPALIVE });
  if (answer.status === 204) return "saved";
  const said = await answer.json();
  if (answer.ok) return said.sent ? "sent" : "others";
  throw refusal(answer.status, said.error);
}

/** Signed out, or refused for good with the server's own words; everything else may pass by itself. */
function refusal(status, words) {
  if (status === 401 || status === 403) return { state: "out", final: true };
  return status === 429 || status >= 500 ? { state: "away" } : { words, final: true };
}
