// The words of this page's language: one JSON file, fetched before anything is shown.

const root = document.documentElement;
const words = await (await fetch(root.dataset.words)).json();

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

export function choose(tag) {
  document.cookie = `console_language=${tag}; path=/; max-age=31536000; samesite=strict`;
  location.reload();
}

export const chosen = () => /(?:^|; )console_language=/.test(document.cookie);
