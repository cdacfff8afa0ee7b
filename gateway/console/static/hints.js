// Hints on the words that an agent is writing to a customer: calm, under the field, never in the way of sending.
//
// A hint that was dismissed stays away in this tab for these words in this conversation.

import { call } from "./api.js";
import { h, icon, keyed, say } from "./dom.js";
import { language, t } from "./words.js";

const PAUSE = 600; // ms without a key before the words are looked at
const SHOWN = 3; // hints at once; the others come when these are settled
const known = new WeakMap();

/** Looks at what stands in `field` once nobody types; `about` has the `id` and the `language` of whom it is for. */
export function advise(field, box, about) {
  if (!known.has(field)) known.set(field, new Hints(field, box, about));
  known.get(field).soon();
}

class Hints {
  constructor(field, box, about) {
    Object.assign(this, { field, box, about });
    this.place = `qt.hints.${about.id}`;
    this.dismissed = new Set(JSON.parse(sessionStorage.getItem(this.place) ?? "[]"));
    this.list = h("ul", { class: "hints", "aria-label": t("hint.title") });
    this.told = h("p", { class: "unseen", role: "status" });
    this.more = h("p", { class: "hint", hidden: true });
    box.replaceChildren(this.list, this.more, this.told);
  }

  soon() {
    clearTimeout(this.timer);
    if (!this.field.value.trim()) this.#show([], "");
    else this.timer = setTimeout(() => this.#look(), PAUSE);
  }

  async #look() {
    const text = this.field.value;
    try {
      const { items } = await call("POST", "/wording", { text, language: this.about.language, reader: language });
      if (this.field.value === text) this.#show(items, text);
    } catch {
      // a hint that can't be had is no reason to trouble whoever writes
    }
  }

  #show(items, text) {
    this.items = items;
    this.text = text;
    const left = unlike(items).filter((one) => !this.dismissed.has(sign(one)));
    keyed(this.list, left.slice(0, SHOWN), { key: sign, signature: (one) => `${sign(one)} ${one.better} ${one.start}`, make: (one) => this.#hint(one) });
    say(this.told, left.length ? t("hint.count", { n: left.length }) : "");
    this.more.hidden = left.length <= SHOWN;
    say(this.more, t("hint.more", { n: left.length - SHOWN }));
  }

  #hint(one) {
    const whole = one.start === 0 && one.end === Array.from(this.text).length;
    return h(
      "li",
      { "data-code": one.code },
      h("p", {}, whole ? null : [h("button", { type: "button", class: "link", title: t("hint.find"), on: { click: () => this.#find(one) } }, h("q", { lang: this.about.language }, one.words)), " "], one.why, " ", h("span", { class: "better" }, one.better)),
      h("button", { type: "button", class: "quiet", "aria-label": t("hint.dismiss", { words: one.words }), title: t("hint.dismiss", { words: one.words }), on: { click: () => this.#dismiss(one) } }, icon("close")),
    );
  }

  #find(one) {
    const before = Array.from(this.field.value);
    const at = (count) => before.slice(0, count).join("").length;
    this.field.focus();
    this.field.setSelectionRange(at(one.start), at(one.end));
  }

  #dismiss(one) {
    this.dismissed.add(sign(one));
    sessionStorage.setItem(this.place, JSON.stringify([...this.dismissed]));
    this.#show(this.items, this.text);
    this.field.focus();
  }
}

const sign = (one) => `${one.code} ${one.words.toLowerCase()}`;

/** The same words twice are one hint. */
function unlike(items) {
  const seen = new Set();
  return items.filter((one) => !seen.has(sign(one)) && seen.add(sign(one)));
}
