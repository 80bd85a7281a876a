// Reads a return phrase aloud, letter by letter, so that it can be written down by ear.
// Only a voice of this very device: some browsers send the words for others to a server.

const PAUSE = ", ";

const spelled = (text) => text.split(" ").map((part) => `${[...part].join(PAUSE)}.`).join(" ");

/** A voice that speaks here, and English before others: the words are English. */
function ownVoice() {
  const own = window.speechSynthesis.getVoices().filter((voice) => voice.localService);
  return own.find((voice) => voice.lang.startsWith("en"));
}

export default function aloud(box) {
  if (!window.speechSynthesis || !window.SpeechSynthesisUtterance) return;
  const offer = () => {
    box.hidden = !ownVoice();
  };
  box.addEventListener("click", (event) => {
    const what = event.target.dataset.say;
    if (!what) return;
    const speaking = window.speechSynthesis.speaking;
    window.speechSynthesis.cancel();
    if (speaking) return; // pressed again: be quiet
    const said = new SpeechSynthesisUtterance(spelled(box.dataset[what]));
    said.voice = ownVoice();
    said.lang = said.voice.lang;
    said.rate = 0.6; // slow enough to write along
    window.speechSynthesis.speak(said);
  });
  window.addEventListener("pagehide", () => window.speechSynthesis.cancel());
  if (window.speechSynthesis.addEventListener) window.speechSynthesis.addEventListener("voiceschanged", offer);
  offer();
}
