// Which single key does what. Kept in this browser alone, and only once somebody changed it.

const STORE = "keys";

export const USUAL = { next: "j", back: "k", search: "/", help: "?", take: "n", words: "o", decide: "d", list: "q" };

/** The key of each act, as this browser has it. A browser that keeps nothing has the usual ones. */
export function chosen() {
  try {
    return { ...USUAL, ...JSON.parse(localStorage.getItem(STORE) || "{}") };
  } catch {
    return { ...USUAL };
  }
}

/** Keeps the keys; those that are as usual leave no trace. */
export function keep(keys) {
  const others = Object.entries(keys).filter(([act, key]) => key !== USUAL[act]);
  if (others.length) localStorage.setItem(STORE, JSON.stringify(Object.fromEntries(others)));
  else localStorage.removeItem(STORE);
}
