// Choosing several rows of a list: a box in each row, keys and ranges, and the bar at the list's foot. What is done with them is bulk.js's.

import { fill, h, icon, keyed, say } from "./dom.js";
import { bind } from "./keys.js";
import { t } from "./words.js";

const MOST = 100; // as many as one request may name
const WORD = 10_000; // how long the bar says what has left it when nothing is chosen any more

export class Choosing {
  chosen = new Set();
  #items = [];
  #list = null;
  #anchor = null;
  #busy = false;
  #refused = new Map();

  /** `host`: the element of the list. `name`: how a row is called. `here`: the row that is open. `acts`: what can be done with these. */
  constructor({ host, name, here, acts }) {
    Object.assign(this, { host, name, here, acts });
    this.heard = h("p", { class: "unseen", role: "status" });
    this.count = h("strong", {});
    this.all = h("button", { type: "button", class: "link", on: { click: () => this.#all() } });
    this.word = h("p", { class: "word" });
    this.buttons = h("div", { class: "acts" });
    this.why = h("ul", { class: "why" });
    const none = h("button", { type: "button", class: "quiet", "aria-label": t("choose.clear"), title: t("choose.clear"), on: { click: () => this.clear() } }, icon("close"));
    this.bar = h("div", { class: "choice-bar", role: "group", "aria-label": t("choose.label"), hidden: true }, h("div", { class: "row" }, this.count, this.all, none), this.why, this.word, this.buttons);
    host.append(this.bar, this.heard);
    host.addEventListener("click", this.#clicked);
    host.addEventListener("mousedown", this.#pressed);
    this.letGo = bind({ x: () => this.#key(false), X: () => this.#key(true) });
  }

  stop() {
    this.letGo();
    this.#escape?.();
    clearTimeout(this.fading);
    this.host.removeEventListener("click", this.#clicked);
    this.host.removeEventListener("mousedown", this.#pressed);
  }

  // rows -----------------------------------------------------------------------------------------------------

  /** The box of a row; none where a life is in danger, for that is not one of many. */
  box(one) {
    if (one.urgent) return null;
    return h("label", { class: "choose" }, h("input", { type: "checkbox", "data-choose": one.id, checked: this.chosen.has(one.id), "aria-label": t("choose.row", { name: this.name(one) }) }));
  }

  /** The rows as they are shown now, in their order; of another list than before nothing stays chosen. */
  update(items, list) {
    if (list !== this.#list) this.#forget();
    this.#list = list;
    this.#items = items;
    if (!this.#busy) this.#drop(); // what one has done oneself to a row is told by bulk.js
    this.#render();
  }

  get #choosable() {
    return this.#items.filter((one) => !one.urgent);
  }

  #drop() {
    const there = new Map(this.#items.map((one) => [one.id, one]));
    const lost = [...this.chosen].filter((id) => !there.has(id) || there.get(id).urgent);
    if (!lost.length) return;
    const danger = lost.filter((id) => there.has(id)).length;
    for (const id of lost) this.#let(id);
    const words = [danger ? t("choose.danger", { n: danger }) : "", lost.length > danger ? t("choose.gone", { n: lost.length - danger }) : ""];
    this.tell(words.filter(Boolean).join(" "));
  }

  #let(id) {
    this.chosen.delete(id);
    this.#refused.delete(id);
  }

  #forget() {
    this.chosen.clear();
    this.#refused.clear();
    this.#anchor = null;
    say(this.word, "");
  }

  // by mouse and keys ----------------------------------------------------------------------------------------

  #idOf(node) {
    return node?.closest?.("li")?.querySelector("input[data-choose]")?.dataset.choose ?? null;
  }

  #clicked = (event) => {
    const box = event.target.closest("input[data-choose]");
    if (box) return this.#set(box.dataset.choose, box.checked, event.shiftKey);
    const id = event.shiftKey && this.chosen.size && event.target.closest("a") ? this.#idOf(event.target) : null;
    if (!id) return;
    event.preventDefault(); // it would open another window
    this.#set(id, true, true);
  };

  /** A range is chosen, not its text. */
  #pressed = (event) => event.shiftKey && this.#idOf(event.target) && event.preventDefault();

  #key(range) {
    const focused = this.host.contains(document.activeElement) ? this.#idOf(document.activeElement) : null;
    const id = focused ?? this.here();
    const one = this.#items.find((item) => item.id === id);
    if (one?.urgent) this.tell(t("bulk_why.danger_to_life"));
    else if (one) this.#set(id, range || !this.chosen.has(id), range);
  }

  /** One row, or all from the last one that was touched to this one. */
  #set(id, on, range) {
    const ids = this.#choosable.map((one) => one.id);
    const [from, to] = [ids.indexOf(this.#anchor), ids.indexOf(id)].sort((one, other) => one - other);
    say(this.word, "");
    for (const each of range && from >= 0 ? ids.slice(from, to + 1) : [id]) this.#one(each, on);
    this.#anchor = id;
    this.#render();
  }

  #one(id, on) {
    if (!on) this.#let(id);
    else if (this.chosen.size < MOST) this.chosen.add(id);
    else if (!this.chosen.has(id)) this.tell(t("choose.most", { n: MOST }));
  }

  /** All that are shown and may be chosen, as many as one request may name. */
  everything() {
    this.#all();
  }

  #all() {
    for (const one of this.#choosable.slice(0, MOST)) this.#one(one.id, true);
    this.#render();
    this.#stand();
  }

  clear() {
    this.#forget();
    this.#render();
  }

  // what is done with them -----------------------------------------------------------------------------------

  get items() {
    return this.#items.filter((one) => this.chosen.has(one.id));
  }

  /** While `work` goes on nothing is dropped: the rows leave the list because of it. */
  async during(work) {
    this.#busy = true;
    this.bar.setAttribute("aria-busy", "true");
    try {
      return await work();
    } finally {
      this.#busy = false;
      this.bar.removeAttribute("aria-busy");
      this.#render();
    }
  }

  /** What was done is chosen no more; what was refused stays, with the reason. */
  settle(done, refused) {
    for (const id of done) this.#let(id);
    this.#refused = new Map([...refused].filter(([id]) => this.chosen.has(id)));
    say(this.word, "");
    this.#render();
  }

  tell(words) {
    say(this.word, words);
    say(this.heard, words);
    clearTimeout(this.fading);
    this.fading = setTimeout(() => this.chosen.size || (say(this.word, ""), this.#render()), WORD);
    this.#render();
  }

  // the bar --------------------------------------------------------------------------------------------------

  #render() {
    const n = this.chosen.size;
    const before = this.shown ?? 0;
    this.shown = n;
    for (const box of this.host.querySelectorAll("input[data-choose]")) box.checked = this.chosen.has(box.dataset.choose);
    this.host.classList.toggle("chooses", n > 0);
    const within = this.bar.contains(document.activeElement);
    this.bar.hidden = n === 0 && !this.word.textContent;
    say(this.count, t("choose.n", { n }));
    if (n !== before) say(this.heard, n ? t("choose.n", { n }) : this.word.textContent);
    const choosable = Math.min(MOST, this.#choosable.length);
    this.all.hidden = n >= choosable || n === 0;
    say(this.all, t("choose.all", { n: choosable }));
    this.why.hidden = this.#refused.size === 0;
    fill(this.why, this.items.filter((one) => this.#refused.has(one.id)).map((one) => h("li", {}, t("bulk.refused", { name: this.name(one), why: this.#refused.get(one.id) }))));
    const acts = n ? this.acts(this.items) : [];
    keyed(this.buttons, acts, { key: (one) => one.act, signature: (one) => one.label, make: (one) => this.#button(one) });
    if (within && !this.bar.contains(document.activeElement)) this.#stand();
    this.#listen(n > 0);
  }

  #button({ act, label, strong }) {
    return h("button", { type: "button", class: strong ? "strong" : "", "data-act": `bulk-${act}`, on: { click: () => this.#run(act) } }, label);
  }

  /** The button may be older than what is chosen now. */
  #run(act) {
    if (!this.#busy) this.acts(this.items).find((one) => one.act === act)?.run();
  }

  /** Where whoever stood in the bar stands when what they stood on has gone. */
  #stand() {
    const stop = this.bar.hidden ? this.host.querySelector(".scroll") : (this.buttons.querySelector("button") ?? this.bar.querySelector("button"));
    if (stop && !this.bar.contains(document.activeElement)) stop.focus({ preventScroll: true });
  }

  #escape = null;

  #listen(on) {
    if (on) this.#escape ??= bind({ Escape: () => this.clear() });
    else if (this.#escape) {
      this.#escape();
      this.#escape = null;
    }
  }
}
