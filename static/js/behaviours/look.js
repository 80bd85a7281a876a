// Shows what a choice of the reading controls does at once, and has it kept. If keeping fails, the form goes the
// ordinary way.

export default function look(form) {
  const root = document.documentElement;

  function show(pressed) {
    if (pressed.value) root.dataset[pressed.name] = pressed.value;
    else delete root.dataset[pressed.name];
    for (const other of form.querySelectorAll(`button[name="${pressed.name}"]`)) other.removeAttribute("aria-current");
    pressed.setAttribute("aria-current", "true");
  }

  form.addEventListener("click", async (event) => {
    const pressed = event.target.closest("button[name]");
    if (!pressed || pressed.name === "forget" || form.dataset.plainly) return;
    event.preventDefault();
    show(pressed);
    const body = new FormData(form);
    // All that is chosen, for the answer to the tap before may still be on its way.
    for (const one of form.querySelectorAll("button[aria-current]")) body.append(one.name, one.value);
    const kept = await fetch(form.action, { method: "POST", body, headers: { Accept: "application/json" }, credentials: "same-origin" }).catch(() => null);
    if (kept && kept.ok) return;
    form.dataset.plainly = "yes";
    pressed.click();
  });
}
