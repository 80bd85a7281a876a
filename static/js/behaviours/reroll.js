// "Other names, please" without a new page. Sends the form as it is and takes over the same part of the answer;
// if that fails in any way, the form goes the ordinary way.

import { ask, fragment } from "../fragment.js";

export default function reroll(form) {
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const target = document.getElementById(form.dataset.into);
    try {
      const answer = await ask(form.action, { method: "POST", body: new FormData(form) });
      const fresh = fragment(answer.html, answer).querySelector(`[id="${form.dataset.into}"]`);
      target.replaceWith(fresh);
    } catch (error) {
      form.submit();
    }
  });
}
