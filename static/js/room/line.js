// The quick line of a live room. It only makes things sooner: whatever it misses is asked for over HTTP.

const JITTER = { reconnectionDelay: 1000, reconnectionDelayMax: 2500, randomizationFactor: 0.5 };
const ANSWER_MS = 8000; // as the composer: after this long without an answer, sending again is better than waiting
const AGAIN_MS = 1500;

/** Opens it as soon as the client is there. `on` hears `up(feed)`, `ended()` and the server's events. */
export function open(conversation, token, on) {
  let line = null;
  let joined = false;

  function join() {
    line.timeout(ANSWER_MS).emit("join", { conversation }, (late, answer) => {
      joined = !late && answer.feed !== undefined;
      if (joined) on.up(answer.feed);
      else if (late || answer.error === "busy") setTimeout(() => line.disconnect().connect(), AGAIN_MS);
      else on.ended();
    });
  }

  function start() {
    if (!window.io || !token) return;
    line = window.io("/live", { transports: ["websocket"], auth: { token }, ...JITTER });
    line.on("connect", join);
    line.on("disconnect", (reason) => {
      joined = false;
      if (reason === "io server disconnect") on.ended(); // told to go: perhaps only to come in again as somebody else
    });
    for (const event of ["posts", "change", "state", "desk"]) line.on(event, (said) => on[event](said));
  }

  if (document.readyState === "complete") start();
  else window.addEventListener("load", start); // the client of the line comes after this script
  return {
    isUp: () => joined,
    retry: () => line && !line.connected && line.connect(),
    /** The answer to an event, or null when none came. */
    send: (event, said) => new Promise((done) => line.timeout(ANSWER_MS).emit(event, said, (late, answer) => done(late ? null : answer))),
  };
}
