// "Other names, please" without a new page. Asks as the form would, or `data-from` for the part alone, and takes over
// the same part of the answer; if that fails in any way, the form goes the ordinary way.

import { ask, fragment } from "../fragment.js";

export default function reroll(form) {
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const target = document.getElementById(form.dataset.into);
    try {
      const options = form.method === "post" ? { method: "POST", body: new FormData(form) } : {};
      const answer = await ask(form.dataset.from || form.action, options);
      const fresh = fragment(answer.html, answer).querySelector(`[id="${form.dataset.into}"]`);
      target.replaceWith(fresh);
    } catch (error) {
      form.submit();
    }
  });
}
