// Changing a page under somebody who is reading it, without losing their place.

/** Moves the focus to something that is no control of its own. */
export function focus(element) {
  if (!element) return;
  element.setAttribute("tabindex", "-1");
  element.focus({ preventScroll: true });
}

/** Does `work`, and leaves what the reader looks at where it was: not every browser does so by itself. */
export function still(elements, work) {
  const shown = [...elements].filter((element) => element.getBoundingClientRect().bottom > 0);
  const tops = shown.map((element) => element.getBoundingClientRect().top);
  const result = work();
  const stayed = shown.findIndex((element) => element.isConnected);
  if (stayed >= 0) window.scrollBy(0, shown[stayed].getBoundingClientRect().top - tops[stayed]);
  return result;
}
