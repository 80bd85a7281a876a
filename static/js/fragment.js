// The one place where text from the server becomes part of the page, and the only Trusted Types policy.
// It takes nothing but answers of our own origin, fetched by `ask` or `heard` over our own line, so that no other script can
// slip markup in.

const policy = window.trustedTypes
  ? window.trustedTypes.createPolicy("fragment", { createHTML: (html) => html })
  : { createHTML: (html) => html };

const answers = new WeakSet();

/** When the server last answered a script of this page. */
export const answered = { at: Date.now() };

/** Fetches from our own origin; the body is `{ json }` or `{ html }`. Throws when refused, moved elsewhere or offline. */
export async function ask(url, options = {}) {
  const response = await fetch(url, { credentials: "same-origin", cache: "no-store", ...options });
  const ours = response.type === "basic" && new URL(response.url).origin === location.origin;
  if (!ours || !response.ok) throw new Error(`refused: ${response.status}`);
  answered.at = Date.now();
  const isJson = (response.headers.get("Content-Type") || "").startsWith("application/json");
  const answer = Object.freeze(isJson ? { json: await response.json() } : { html: await response.text() });
  answers.add(answer);
  return answer;
}

/** What our own line said, as an answer of our origin: the page's policy lets it lead nowhere else. */
export function heard(said) {
  const answer = Object.freeze({ json: said });
  answers.add(answer);
  return answer;
}

/** The nodes of a piece of `answer`. */
export function fragment(html, answer) {
  if (!answers.has(answer)) throw new TypeError("Only an answer of our own origin becomes part of the page.");
  const template = document.createElement("template");
  template.innerHTML = policy.createHTML(html);
  return document.importNode(template.content, true);
}
