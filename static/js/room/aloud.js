// What a screen reader says of a busy room: at most once in three seconds, never one's own words, and nothing on wish.
// The log itself is silent: it would read each message as it comes, and one a second is more than anybody can listen to.

const BATCH_MS = 3000;
const KEPT = 5;
const MOST_LETTERS = 300;

const nameOf = (post) => (post.querySelector(".cg-post__name bdi") || { textContent: "" }).textContent;
const wordsOf = (post) => (post.querySelector(".cg-post__body") || { textContent: "" }).textContent.trim().slice(0, MOST_LETTERS);

/** Announces posts. `isMine` is asked when a batch is said: by then the answer to one's own sending has come. */
export function announcer(box, hold, isMine) {
  let waiting = [];
  let timer = null;

  function sentence(posts) {
    if (posts.length === 1 && wordsOf(posts[0])) return box.dataset.one.replace("{name}", nameOf(posts[0])).replace("{words}", () => wordsOf(posts[0]));
    const names = [...new Set(posts.map(nameOf))].filter(Boolean);
    return box.dataset.many.replace("{count}", posts.length).replace("{names}", () => names.join(", "));
  }

  function say() {
    timer = null;
    const posts = waiting.filter((post) => post.isConnected && !isMine(post));
    waiting = [];
    if (!posts.length || hold.checked || document.visibilityState !== "visible") return;
    const line = document.createElement("p");
    line.textContent = sentence(posts);
    box.append(line);
    while (box.children.length > KEPT) box.firstElementChild.remove();
  }

  return (post) => {
    if (hold.checked || document.visibilityState !== "visible") return;
    waiting.push(post);
    timer = timer || setTimeout(say, BATCH_MS);
  };
}
