// Takes the reader to the list of what needs changing, where a screen reader starts to speak.

export default function errors(summary) {
  summary.setAttribute("tabindex", "-1");
  summary.focus();
}
