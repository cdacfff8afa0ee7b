// Which colleagues have a conversation open, and who of them writes there. Known only of what this page shows, and never kept.
//
// Events: "change" {ids}.

import { h, icon } from "./dom.js";
import { t } from "./words.js";

const NAMED = 2; // of more, how many there are beside

export class Presence extends EventTarget {
  #there = new Map();

  constructor(live) {
    super();
    this.live = live;
    live.addEventListener("presence", ({ detail }) => this.#heard(detail.conversations));
    live.addEventListener("shown", ({ detail }) => this.#keep(new Set(detail.conversations)));
    live.addEventListener("state", () => this.#keep(new Set())); // without a connection nobody knows; with a new one it is told again
  }

  /** Those who are there, whoever writes an answer first: {username, name, doing}. */
  of(id) {
    return this.#there.get(id) ?? [];
  }

  #heard(conversations) {
    for (const [id, present] of Object.entries(conversations)) present.length ? this.#there.set(id, present) : this.#there.delete(id);
    this.#tell(Object.keys(conversations));
  }

  // of what is shown no more nothing is told either: it would stand there when it is shown again
  #keep(shown) {
    const gone = [...this.#there.keys()].filter((id) => !shown.has(id));
    gone.forEach((id) => this.#there.delete(id));
    if (gone.length) this.#tell(gone);
  }

  #tell(ids) {
    this.dispatchEvent(new CustomEvent("change", { detail: { ids } }));
  }
}

/** What they do, in words with signs: `{name} is reading`. */
export function doings(present) {
  const shown = present.slice(0, NAMED).map(({ name, doing }) => h("span", { class: `doing ${doing}` }, icon(doing === "reading" ? "eye" : doing === "note" ? "lock" : "edit"), t(`presence.${doing}`, { name })));
  return present.length > NAMED ? [...shown, h("span", { class: "doing" }, t("presence.more", { n: present.length - NAMED }))] : shown;
}

export const sign = (present) => present.map(({ username, doing }) => `${username}:${doing}`).join(",");
