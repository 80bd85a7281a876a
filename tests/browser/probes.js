// What checks.py asks of an open page. An expression: its value is installed as window.probes.
({
  USABLE: 'a[href], button, input:not([type="hidden"]), select, textarea, summary, [tabindex]',

  /** What stands in a closed <details> has its boxes, but is neither seen nor reached. */
  visible(element) {
    const style = getComputedStyle(element);
    return element.getClientRects().length > 0 && style.visibility === "visible" && element.checkVisibility();
  },

  /** Hidden from eyes until focused, or always: a clipped pixel. */
  clipped(element) {
    const box = element.getBoundingClientRect();
    return box.width <= 2 || box.height <= 2;
  },

  usable() {
    return [...document.querySelectorAll(this.USABLE)].filter((element) => this.visible(element) && !element.disabled);
  },

  /** What the Tab key should reach, in the order of the document. */
  tabbable() {
    const stop = (element) => {
      if (element.tabIndex < 0) return false;
      if (element.type !== "radio") return true;
      const group = [...document.getElementsByName(element.name)].filter((other) => other.form === element.form);
      return element === (group.find((other) => other.checked) || group[0]);
    };
    return this.usable().filter(stop);
  },

  name(element) {
    const text = (element.getAttribute("aria-label") || element.textContent || element.name || "").trim().replace(/\s+/g, " ");
    return `<${element.tagName.toLowerCase()}${element.id ? ` id=${element.id}` : ""}> "${text.slice(0, 50)}"`;
  },

  look(element, pseudo) {
    const style = getComputedStyle(element, pseudo);
    return [style.outlineStyle, style.outlineWidth, style.outlineColor, style.boxShadow, style.backgroundColor,
      style.borderTopColor, style.borderBottomColor, style.borderTopWidth, style.textDecorationLine].join("|");
  },

  /** Everything a focus style may be drawn on: the element, its parts, its label. */
  looks(element) {
    const parts = [element, ...[...element.querySelectorAll("*")].slice(0, 5), ...(element.labels || [])];
    return parts.map((part) => [null, "::before", "::after"].map((pseudo) => this.look(part, pseudo)).join("/")).join("//");
  },

  /** As if the page had just been opened: the next Tab goes to the first control. */
  toTop() {
    document.body.tabIndex = -1;
    document.body.focus();
    document.body.removeAttribute("tabindex");
    document.body.blur();
    getSelection().removeAllRanges();
    scrollTo(0, 0);
  },

  start() {
    this.toTop();
    this.order = this.tabbable();
    this.before = new Map(this.order.map((element) => [element, this.looks(element)]));
    return this.order.map((element) => this.name(element));
  },

  /** Before each Tab, where the one before it had arrived: asked here, for asking from outside took half of the time. */
  follow() {
    this.stops = [];
    addEventListener("keydown", (event) => event.key === "Tab" && this.stops.push(this.stop()), { capture: true });
  },

  /** Where each Tab arrived; the first was pressed from the top of the page. */
  followed() {
    return [...this.stops.slice(1), this.stop()];
  },

  /** The focus on each control in turn, shown as for a keyboard, for a Tab came before. */
  eachFocused() {
    return this.order.map((element) => {
      element.focus();
      return this.stop();
    });
  },

  /** Where the Tab key has arrived. */
  stop() {
    const element = document.activeElement;
    if (!element || element === document.body || element === document.documentElement) return { index: -1, name: "page" };
    return {
      index: this.order.indexOf(element),
      name: this.name(element),
      seen: this.before.get(element) !== this.looks(element),
      covered: this.covered(element),
    };
  },

  /** Corners that something else lies on, of those inside the window. */
  covered(element) {
    const box = element.getClientRects()[0];
    const inset = Math.min(8, box.width / 4, box.height / 4);
    const corners = [[box.left, box.top], [box.right, box.top], [box.left, box.bottom], [box.right, box.bottom]];
    const points = corners.map(([x, y], i) => [x + (i % 2 ? -inset : inset), y + (i > 1 ? -inset : inset)]);
    const inside = points.filter(([x, y]) => x >= 0 && y >= 0 && x < innerWidth && y < innerHeight);
    if (!inside.length) return ["outside the window"];
    const own = (hit) => hit && (element.contains(hit) || [...(element.labels || [])].some((label) => label.contains(hit)));
    return inside.map(([x, y]) => document.elementFromPoint(x, y)).filter((hit) => !own(hit)).map((hit) => hit ? this.name(hit) : "nothing");
  },

  /** A link among words of its own sentence needs no thumb's width. */
  inText(element) {
    if (element.tagName !== "A" || getComputedStyle(element).display !== "inline") return false;
    const around = element.closest("p, li, dd, td, h1, h2, h3, label, blockquote");
    return Boolean(around) && around.textContent.trim().length > element.textContent.trim().length;
  },

  small(least) {
    return this.usable().filter((element) => element.tabIndex >= 0 && !this.clipped(element) && !this.inText(element)).flatMap((element) => {
      const box = element.getBoundingClientRect();
      const fits = box.width >= least - 0.5 && box.height >= least - 0.5;
      return fits ? [] : [`${this.name(element)} is ${Math.round(box.width)}×${Math.round(box.height)}`];
    });
  },

  scrolls(element) {
    for (let at = element; at && at !== document.body; at = at.parentElement) {
      if (["auto", "scroll", "hidden"].includes(getComputedStyle(at).overflowX)) return true;
    }
    return false;
  },

  tooWide() {
    if (document.documentElement.scrollWidth <= innerWidth) return [];
    const wide = [...document.body.querySelectorAll("*")].filter((element) => {
      const box = element.getBoundingClientRect();
      return (box.right > innerWidth + 1 || box.left < -1) && !this.scrolls(element);
    });
    return [`page is ${document.documentElement.scrollWidth} wide in ${innerWidth}`, ...wide.slice(0, 5).map((element) => this.name(element))];
  },

  ownText(element) {
    return [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
  },

  cutOff() {
    return [...document.body.querySelectorAll("*")].filter((element) => {
      const style = getComputedStyle(element);
      const hides = [style.overflowX, style.overflowY].some((value) => value === "hidden" || value === "clip");
      const more = element.scrollHeight > element.clientHeight + 1 || element.scrollWidth > element.clientWidth + 1;
      return hides && more && this.ownText(element) && this.visible(element) && !this.clipped(element);
    }).map((element) => `${this.name(element)} is cut off`);
  },

  sheet(css) {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(css);
    document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
  },

  unsheet() {
    document.adoptedStyleSheets = [];
  },

  hasEdge(element, pseudo) {
    const style = getComputedStyle(element, pseudo);
    const edge = ["Top", "Right", "Bottom", "Left"].some((side) => style[`border${side}Style`] !== "none" && parseFloat(style[`border${side}Width`]) > 0);
    return edge || style.textDecorationLine.includes("underline");
  },

  edgeless() {
    const shown = this.usable().filter((element) => element.tabIndex >= 0 && !this.clipped(element));
    return shown.filter((element) => {
      const parts = [element, ...element.querySelectorAll("*"), ...(element.labels || [])];
      return !parts.some((part) => [null, "::before", "::after"].some((pseudo) => this.hasEdge(part, pseudo)));
    }).map((element) => `${this.name(element)} has no border or underline`);
  },

  moving() {
    const running = document.getAnimations().map((animation) => this.name(animation.effect.target));
    const able = [...document.querySelectorAll("*")].filter((element) => {
      const style = getComputedStyle(element);
      return style.animationName !== "none" || style.transitionDuration.split(",").some((time) => parseFloat(time) > 0);
    });
    return [...running, ...able.slice(0, 5).map((element) => this.name(element))];
  },
})
