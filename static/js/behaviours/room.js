// A live room: messages as they come, one's own as they go, and what goes on in it. Without this script the page's form and
// its link do the same.

import { ask, fragment, heard } from "../fragment.js";
import { announcer } from "../room/aloud.js";
import { open } from "../room/line.js";
import { found, messages } from "../room/log.js";
import { outbox } from "../room/outbox.js";
import { still } from "../steady.js";

const POLL_MS = 12000; // where there is no line, news are at most fifteen seconds old
const CHECK_MS = 60000; // where there is one, it may have lost something
const RENEW_MS = 10000; // a seat without a sign of life is given up after thirty seconds
const QUIET_MS = 4000; // a short break of the line is nobody's concern

export default function room(root) {
  if (document.documentElement.dataset.low) return; // who has little data loads the page again
  const part = (name) => root.querySelector(`[data-room-${name}]`);
  for (const only of document.querySelectorAll("[data-room-script], [data-room-plain]")) only.hidden = "roomPlain" in only.dataset;
  root.dataset.live = "";
  if (!location.hash) root.scrollIntoView({ block: "end" }); // once, as the page comes: nothing moves a reader later
  const form = part("form");
  const state = part("state");
  const status = part("line");
  const mine = new Set();
  const isMine = (post) => mine.has(post.id);
  const show = messages(part("log"), part("new"));
  const announce = announcer(part("said"), part("hold"), isMine);
  let feed = Number(root.dataset.feed);
  let number = Number(root.dataset.stateNo || 0);
  let asking = null;
  let askedAt = Date.now();
  let upAt = Date.now();

  function apply(said, answer, aloud) {
    const added = show(said.changes, answer, isMine);
    feed = said.to;
    if (aloud) added.forEach(announce);
    sweep();
  }

  /** Asks for what was missed. One question at a time; whoever asks meanwhile gets the next answer. */
  function catchUp(aloud) {
    asking = (asking || Promise.resolve())
      .then(() => ask(`${root.dataset.changes}?after=${feed}`))
      .then((answer) => {
        askedAt = Date.now();
        if (answer.json.reload) return anew();
        if (answer.json.to !== feed) apply(answer.json, answer, aloud);
        return null;
      })
      .catch(refusedOrAway);
    return asking;
  }

  /** More was missed than is told one by one: the messages come as the page has them, and what is being written stays. */
  async function anew() {
    const answer = await ask(location.pathname);
    const next = fragment(answer.html, answer).querySelector("[data-behaviour~='room']");
    part("log").replaceChildren(...next.querySelector("[data-room-log]").childNodes);
    feed = Number(next.dataset.feed);
    sweep();
  }

  /** Signed out or sent out: no question will be answered again. Anything else passes. */
  function refusedOrAway(error) {
    if (/ 40[134]$/.test(error.message)) say("ended");
  }

  function say(what) {
    if (status.dataset.now === what) return;
    status.dataset.now = what;
    status.textContent = status.dataset[what] || "";
  }

  /** What goes on in the room, if its number moved. `whatever`: also if it did not, for something that the team alone sees. */
  async function lookAround(no, whatever) {
    if (!state || !root.dataset.stateUrl || (no && no <= number)) return;
    const answer = await ask(`${root.dataset.stateUrl}?after=${whatever ? -1 : number}`);
    if (answer.json.no <= number && !whatever) return;
    number = Math.max(number, answer.json.no);
    if (answer.json.html) replaceState(answer);
  }

  const notices = () => [...state.querySelectorAll("h2, .cg-notice")];
  const said = () => notices().map((one) => one.textContent.replace(/\d+/g, "")).join("\n"); // minutes pass by themselves

  /** What goes on, anew; whoever had the focus in it keeps it, and whoever does not see it is told that it changed. */
  function replaceState(answer) {
    const before = said();
    const held = state.contains(document.activeElement) ? document.activeElement.id || document.activeElement.name : null;
    still(part("log").querySelectorAll("[data-seq]"), () => state.replaceChildren(fragment(answer.json.html, answer)));
    const again = held && state.querySelector(`[id="${held}"], [name="${held}"]`);
    if (again) again.focus({ preventScroll: true });
    if (said() !== before) point();
  }

  /** A way up to what holds in the room, where it stands out of sight. */
  function point() {
    const first = notices()[0];
    if (part("changed")) part("changed").hidden = !first || first.getBoundingClientRect().top >= 0;
  }

  if (state && state.querySelector(".cg-notice--wait")) point(); // whoever came in is at the field, and may not be able to write now
  if (part("changed")) part("changed").addEventListener("click", (event) => (event.currentTarget.hidden = true));

  const around = (no, whatever) => lookAround(no, whatever).catch(() => {});

  const line = open(root.dataset.conversation, form && form.elements.csrf_token.value, {
    up(now) {
      if (status.dataset.now === "away") say("back");
      around();
      missed(now !== feed);
    },
    ended() {
      catchUp(false).then(() => status.dataset.now === "ended" || setTimeout(line.retry, QUIET_MS));
    },
    posts(said) {
      if (said.to <= feed) return;
      if (said.from > feed) catchUp(true);
      else apply(said, heard(said), true);
    },
    change(said) {
      if (said.to > feed) catchUp(true);
    },
    state: (said) => around(said.no),
    desk: () => around(0, true),
  });

  /** Over the line if there is one, else as the form itself would go. The same key makes it the same message. */
  async function deliver(words, key) {
    if (line.isUp()) {
      const shown = (form.elements.masked || {}).value;
      const answer = await line.send("send", { conversation: root.dataset.conversation, body: words, token: key, masked: shown });
      if (answer) return answer;
    }
    const body = new FormData(form);
    body.set("body", words);
    body.set("token", key);
    const response = await fetch(form.action, { method: "POST", body, credentials: "same-origin", headers: { Accept: "application/json" } });
    const isJson = (response.headers.get("Content-Type") || "").startsWith("application/json");
    return isJson && response.status < 500 ? response.json() : null;
  }

  const settled = []; // [post, what to do once it stands in the log]
  function sweep() {
    for (const one of settled.splice(0)) found(one[0]) ? one[1]() : settled.push(one);
  }

  const out = form && writer();
  function writer() {
    const field = form.elements.body;
    const tell = form.querySelector("[data-status]");
    const changed = () => field.dispatchEvent(new Event("input", { bubbles: true })); // what is kept for later is no longer that
    const box = outbox(part("outbox"), deliver, {
      kept(post, done) {
        changed();
        mine.add(`post-${post}`);
        tell.textContent = tell.dataset.sent;
        settled.push([post, done]);
        sweep();
        if (settled.length) setTimeout(() => settled.length && catchUp(true), QUIET_MS / 4); // the line may have lost it
      },
      waits(post, done) {
        changed();
        mine.add(`post-${post}`);
        tell.textContent = tell.dataset.sent;
        settled.push([post, done]);
      },
      ask(words) {
        field.value = words; // the server has a question first: the form itself goes, and its page comes
        form.submit();
      },
      unsent: () => (tell.textContent = tell.dataset.slow),
      refused(words, why) {
        tell.textContent = why || tell.dataset.slow;
        tell.classList.add("cg-status--trouble");
        field.value = field.value ? `${words}\n${field.value}` : words;
        changed();
      },
    });
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const words = field.value.trim();
      if (!words) return field.focus();
      tell.classList.remove("cg-status--trouble");
      tell.textContent = tell.dataset.sending;
      field.value = "";
      field.focus();
      box.send(words);
    });
    field.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) form.requestSubmit ? form.requestSubmit() : form.querySelector("button").click();
    });
    return box;
  }

  /** Without a line, a facilitator's page says by itself that it is still there. */
  function renew() {
    const body = new URLSearchParams({ csrf_token: form.elements.csrf_token.value });
    return fetch(root.dataset.renew, { method: "POST", body, credentials: "same-origin", headers: { Accept: "application/json" } });
  }

  /** What others said meanwhile comes first, then one's own words go. */
  function missed(anything) {
    (anything ? catchUp(false) : Promise.resolve()).then(() => out && out.now());
  }

  function awake() {
    if (document.visibilityState !== "visible") return;
    line.retry();
    around();
    missed(true);
  }
  if (root.dataset.renew) setInterval(() => line.isUp() || renew().catch(() => {}), RENEW_MS);
  /** Each second: how the room is reached, and whether to ask because nobody told anything for a while. */
  function look() {
    const now = Date.now();
    if (line.isUp()) upAt = now;
    else if (now - upAt > QUIET_MS && status.dataset.now !== "ended") say("away");
    if (document.visibilityState !== "visible" || now - askedAt < (line.isUp() ? CHECK_MS : POLL_MS)) return;
    askedAt = now;
    catchUp(true);
    if (!line.isUp()) around();
  }
  setInterval(look, 1000);
  document.addEventListener("visibilitychange", awake);
  window.addEventListener("online", awake);
}
