// A link in a post leads over a page of ours that names the other site. On paper nobody can follow it: before printing
// each gets its own address, which the style sheet puts behind it.

const OUTWARD = "/out?to=";

export default function paper() {
  window.addEventListener("beforeprint", () => {
    for (const link of document.querySelectorAll(`main a[href^="${OUTWARD}"]`)) {
      link.dataset.address = decodeURIComponent(link.getAttribute("href").slice(OUTWARD.length));
    }
  });
}
