// Private notes: what colleagues tell each other beside a conversation. Nothing here is ever sent to a customer.

import { get, Order, post } from "./api.js";
import { h, icon } from "./dom.js";
import { dayHeading, moment, sameDay, whole } from "./formats.js";
import { t } from "./words.js";

const CALL = /(?<![A-Za-z0-9_@.])@([a-z0-9][a-z0-9._@-]*)/gi;
const MOST_OFFERED = 6;

/** The notes of one conversation. `changed` is called when there are others than before. */
export class Notes {
  constructor({ conversation, changed }) {
    Object.assign(this, { conversation, changed });
    this.items = [];
    this.order = new Order();
  }

  load = async () => {
    const turn = this.order.ask();
    const found = await get(`/conversations/${this.conversation}/notes`).catch(() => null); // what is shown stays
    if (!found || this.order.isLate(turn) || found.items.length === this.items.length) return;
    this.items = found.items;
    this.changed();
  };

  async add(body, key) {
    const made = await post(`/conversations/${this.conversation}/notes`, body, key);
    this.order.isLate(this.order.ask()); // what was asked before does not know of it
    if (!this.items.some((one) => one.id === made.id)) this.items = [...this.items, made];
    this.changed();
  }

  /** Messages and notes in one order: a note stands behind the last message that its writer could see. */
  among(messages) {
    if (!this.items.length) return messages;
    const left = this.items.map((one) => ({ ...one, id: `note-${one.id}`, note: true }));
    const rows = [];
    for (const message of messages) {
      while (left.length && Number(left[0].after) < Number(message.id)) rows.push(left.shift());
      rows.push(message);
    }
    return [...rows, ...left];
  }

  row(one, before) {
    return h(
      "li",
      { class: "message private", "data-note": one.id },
      !before || !sameDay(before.at, one.at) ? h("p", { class: "day" }, dayHeading(one.at)) : null,
      h(
        "article",
        {},
        h("p", { class: "meta" }, icon("lock"), h("strong", {}, t("note.private")), h("span", { class: "sender" }, one.author_name), h("time", { datetime: one.at, title: whole(one.at) }, moment(one.at))),
        h("p", { class: "text" }, called(one)),
      ),
    );
  }
}

/** The words of a note, with the colleagues it calls marked. */
export function called(note) {
  const names = new Set(note.mentions);
  const parts = [];
  let at = 0;
  for (const match of note.text.matchAll(CALL)) {
    const name = match[1].toLowerCase().replace(/[.@-]+$/, "");
    if (!names.has(name)) continue;
    const end = match.index + 1 + name.length;
    parts.push(note.text.slice(at, match.index), h("strong", { class: "mention" }, note.text.slice(match.index, end)));
    at = end;
  }
  return [...parts, note.text.slice(at)];
}

/** Colleagues whose names begin with what stands behind the last @ before the cursor, to be chosen by key or by hand. */
export class Calling {
  constructor({ field, agents, me }) {
    Object.assign(this, { field, agents, me });
    this.list = h("ul", { class: "calling", id: "calling", role: "listbox", "aria-label": t("note.call"), hidden: true });
    this.chosen = 0;
    field.addEventListener("input", () => this.look());
    field.addEventListener("blur", () => setTimeout(() => this.close(), 150));
    field.addEventListener("keydown", (event) => this.#key(event));
  }

  get open() {
    return !this.list.hidden;
  }

  look() {
    const said = this.field.value.slice(0, this.field.selectionStart).match(/(?:^|[^A-Za-z0-9_@.])@([a-z0-9._-]*)$/i);
    const begun = said && this.active() ? said[1].toLowerCase() : null;
    const fits = (one) => one.username !== this.me.username && (one.username.startsWith(begun) || one.name.toLowerCase().startsWith(begun));
    this.offered = begun === null ? [] : this.agents.filter(fits).slice(0, MOST_OFFERED);
    this.begun = begun ?? "";
    this.chosen = 0;
    this.#show();
  }

  /** Whether a note is being written at all; set by whoever has the field. */
  active = () => true;

  close() {
    this.offered = [];
    this.#show();
  }

  #show() {
    this.list.hidden = this.offered.length === 0;
    this.list.replaceChildren(
      ...this.offered.map((one, at) =>
        h("li", { role: "option", id: `call-${at}`, "aria-selected": String(at === this.chosen), on: { mousedown: (event) => this.#take(event, at) } }, h("strong", {}, `@${one.username}`), " ", one.name),
      ),
    );
    if (this.open) {
      this.field.setAttribute("aria-controls", "calling");
      this.field.setAttribute("aria-activedescendant", `call-${this.chosen}`);
    } else {
      this.field.removeAttribute("aria-controls");
      this.field.removeAttribute("aria-activedescendant");
    }
  }

  #key(event) {
    if (!this.open || event.isComposing) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) {
      event.preventDefault();
      this.chosen = (this.chosen + step + this.offered.length) % this.offered.length;
      this.#show();
    } else if (["Enter", "Tab"].includes(event.key) && !event.ctrlKey && !event.metaKey) {
      this.#take(event, this.chosen);
    } else if (event.key === "Escape") {
      event.preventDefault();
      event.stopPropagation();
      this.close();
    }
  }

  #take(event, at) {
    event.preventDefault();
    const name = this.offered[at].username;
    const end = this.field.selectionStart;
    this.field.setRangeText(`@${name} `, end - this.begun.length - 1, end, "end");
    this.field.dispatchEvent(new Event("input"));
    this.close();
    this.field.focus();
  }
}
