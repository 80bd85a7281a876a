// Pictures and files cannot be sent. Whoever pastes one or drops it is told so kindly beside the box, keeps every word,
// and is offered to say in words what the picture shows.

const carried = (transfer) => Boolean(transfer && Array.from(transfer.types || []).includes("Files"));

export default function files(form) {
  const field = form.elements.body;
  const note = form.querySelector("[data-no-files]");
  const offer = note.querySelector("button");
  const said = note.querySelector("[role=status]");

  function refuse(event) {
    const transfer = event.clipboardData || event.dataTransfer;
    if (!carried(transfer)) return;
    if (event.clipboardData && transfer.getData("text/plain")) return; // words that bring a picture of themselves along
    event.preventDefault();
    if (event.type === "dragover") return;
    note.hidden = false;
    said.textContent = note.dataset.words;
  }

  function describe() {
    const start = field.value && !field.value.endsWith("\n") ? "\n\n" : "";
    const at = field.value.length + start.length + note.dataset.template.indexOf("…");
    field.value += start + note.dataset.template;
    note.hidden = true;
    field.focus();
    field.setSelectionRange(at, at + 1); // typing takes the place of the dots
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }

  for (const kind of ["paste", "drop", "dragover"]) form.addEventListener(kind, refuse);
  offer.addEventListener("click", describe);
}
