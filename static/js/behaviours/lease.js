// Asks for more time while somebody reads or types on an item that they look at. Without scripts the time just runs out,
// and what was typed still counts as long as nobody else took the item.

const EVERY_MS = 60000;
const SIGNS = ["keydown", "pointerdown", "scroll", "input"];

export default function lease(form) {
  let busy = false;

  async function renew() {
    if (!busy) return;
    busy = false;
    const options = { method: "POST", body: new FormData(form), credentials: "same-origin", headers: { Accept: "application/json" } };
    const answer = await fetch(form.dataset.renew, options);
    if (!answer.ok) return;
    const said = await answer.json();
    const left = form.querySelector("[data-left]");
    left.textContent = left.dataset.left.replace("%n", Math.floor(said.left / 60));
  }

  for (const sign of SIGNS) document.addEventListener(sign, () => (busy = true), { passive: true });
  setInterval(() => renew().catch(() => {}), EVERY_MS); // the next minute is soon enough
}
