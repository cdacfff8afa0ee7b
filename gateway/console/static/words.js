// The words of this page's language: one JSON file, fetched before anything is shown.

const root = document.documentElement;
const words = await (await fetch(root.dataset.words)).json();

const fetched = new Map();

export const language = root.lang;
export const LANGUAGES = ["zh-Hans", "zh-Hant", "en"];

/** t("queue.waiting", {time}): the sentence with its places filled. */
export function t(key, values = {}) {
  const found = key.split(".").reduce((group, name) => group?.[name], words);
  if (typeof found !== "string") return key;
  return found.replace(/\{(\w+)\}/g, (place, name) => values[name] ?? place);
}

/** The word for a value of the vocabulary; a value that has none is shown as it is. */
export function term(group, value) {
  if (value === null || value === undefined || value === "") return "";
  return words[group]?.[value] ?? String(value).replaceAll("_", " ");
}

/** The words of a room, fetched once, beside those that came first. */
export function room(name) {
  if (!fetched.has(name)) fetched.set(name, add(name));
  return fetched.get(name);
}

async function add(name) {
  const answer = await fetch(root.dataset.words.replace(/[^/]+$/, `${name}.${language}.json`)).catch(() => null);
  if (answer?.ok) Object.assign(words, await answer.json());
  else fetched.delete(name); // asked for again when the room is opened again: until then its keys stand for its words
}

export function choose(tag) {
  document.cookie = `console_language=${tag}; path=/; max-age=31536000; samesite=strict`;
  location.reload();
}

export const chosen = () => /(?:^|; )console_language=/.test(document.cookie);
