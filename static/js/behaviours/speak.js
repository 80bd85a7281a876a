// A button at each post that has its words read aloud, for who switched it on; at each ground rule (data-each) for everybody.
// Only by a voice of this very device: some browsers send the words for others to a server. Without such a voice for the
// language of the words there is no button.

export default function speak(list) {
  const speaker = window.speechSynthesis;
  const wanted = list.dataset.each || document.documentElement.dataset.aloud;
  if (!wanted || !speaker || !window.SpeechSynthesisUtterance) return;
  let talking = null;

  const voiceFor = (lang) => speaker.getVoices().find((voice) => voice.localService && voice.lang.startsWith(lang.slice(0, 2)));

  function hush() {
    speaker.cancel();
    if (talking) talking.textContent = list.dataset.say;
    talking = null;
  }

  function read(button, words) {
    const again = talking === button;
    hush();
    if (again) return; // pressed again: be quiet
    const said = new SpeechSynthesisUtterance(words.textContent);
    said.voice = voiceFor(words.lang);
    said.lang = words.lang;
    said.onend = hush;
    talking = button;
    button.textContent = list.dataset.hush;
    speaker.speak(said);
  }

  function offer() {
    for (const post of list.querySelectorAll(list.dataset.each || "[data-seq]")) {
      const words = post.querySelector(".cg-post__body, .cg-rule__words");
      if (!words || post.querySelector("[data-aloud]") || !voiceFor(words.lang)) continue;
      const button = document.createElement("button");
      Object.assign(button, { type: "button", className: "cg-choice", textContent: list.dataset.say });
      button.setAttribute("data-aloud", "");
      button.setAttribute("aria-describedby", `${post.id}-name`);
      button.addEventListener("click", () => read(button, words));
      post.lastElementChild.appendChild(button);
    }
  }

  new MutationObserver(offer).observe(list, { childList: true });
  if (speaker.addEventListener) speaker.addEventListener("voiceschanged", offer);
  window.addEventListener("pagehide", hush);
  offer();
}
