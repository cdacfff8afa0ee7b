// What goes with an answer in one go (the status of its case, handing back, putting off), and what keeps it from being sent: a gap.
//
// It is armed by a macro, or chosen from the menu beside Send. What is armed is told in words before it is sent, and can be taken away.
// Like the draft it is kept in this tab, for each conversation.

import { get, Problem } from "./api.js";
import { fill, h, icon, say } from "./dom.js";
import { shortly } from "./formats.js";
import { tellAfar } from "./toast.js";
import { t, term } from "./words.js";

const GAP = /⟦[^⟦⟧\n]*⟧|[⟦⟧]/g;
const OF_THE_CASE = ["status", "outcome", "basis", "next_steps", "case", "version"];
const SAID = ["no_case", "not_registered", "withdrawn", "withheld", "another_case"];

export class Sending {
  constructor(composer) {
    this.composer = composer;
    this.place = `qt.then.${composer.id}`;
    this.then = JSON.parse(sessionStorage.getItem(this.place) ?? "null");
    this.gaps = h("div", { class: "gaps", id: "reply-gaps", role: "status", hidden: true });
    this.armed = h("div", { class: "armed", role: "status", hidden: true });
    this.canned = h("button", { type: "button", class: "quiet canned", title: t("canned.open_keys"), "aria-keyshortcuts": "Control+/", on: { click: () => this.pick() } }, icon("reply"), t("canned.open"));
    this.more = h("button", { type: "button", class: "strong besides", "aria-haspopup": "menu", "aria-expanded": "false", "aria-label": t("sending.more"), title: t("sending.more"), on: { click: () => this.#menu() } }, icon("more"));
  }

  /** What is to be done besides was said on another page. */
  adopted() {
    this.then = JSON.parse(sessionStorage.getItem(this.place) ?? "null");
  }

  get #one() {
    return this.composer.conversation;
  }

  /** Whatever the composer shows has changed. */
  update() {
    const { noting, send, text } = this.composer;
    const gaps = noting ? [] : gapsIn(text.value);
    this.canned.hidden = this.more.hidden = noting;
    this.more.disabled = send.disabled;
    if (gaps.length) send.setAttribute("aria-disabled", "true");
    else send.removeAttribute("aria-disabled");
    if (gaps.length) send.setAttribute("aria-describedby", this.gaps.id);
    else send.removeAttribute("aria-describedby");
    this.#show(this.gaps, gaps, () => [h("span", {}, t("sending.gaps")), gaps.map((gap) => this.#gap(gap))]);
    const parts = noting ? [] : this.#parts();
    this.#show(this.armed, parts, () => [h("span", {}, t("sending.armed")), h("ul", {}, parts.map((part) => this.#part(part)))]);
    if (!noting) say(send, parts.length > 1 ? t("sending.send") : parts.length ? t(`sending.${parts[0].name}`) : t("reply.send"));
  }

  #show(node, items, make) {
    const sign = JSON.stringify(items);
    if (node.sign === sign) return;
    node.sign = sign;
    const focused = node.contains(document.activeElement);
    node.hidden = !items.length;
    fill(node, items.length ? make() : null);
    if (focused) (node.querySelector("button") ?? this.composer.text).focus();
  }

  // gaps -----------------------------------------------------------------------------------------------------

  #gap(words) {
    const name = words.replace(/[⟦⟧]/g, "") || t("sending.gap_any");
    return h("button", { type: "button", class: "gap", "aria-label": t("sending.gap", { name }), on: { click: () => this.#select(words) } }, name);
  }

  #select(words) {
    const { text } = this.composer;
    const at = text.value.indexOf(words);
    text.focus();
    if (at >= 0) text.setSelectionRange(at, at + words.length);
  }

  // what is armed --------------------------------------------------------------------------------------------

  /** What is to be done when the answer is sent; `record` is the case as it was seen then. */
  arm(then, record = null) {
    this.then = then && Object.keys(then).length ? { ...then } : null;
    if (this.then?.status && record) Object.assign(this.then, { case: record.id, version: record.version });
    this.#keep();
    this.composer.changed();
  }

  #keep() {
    if (this.then) sessionStorage.setItem(this.place, JSON.stringify(this.then));
    else sessionStorage.removeItem(this.place);
  }

  #parts() {
    const { status, hand_back: to, snooze_until: until } = this.then ?? {};
    return [
      status ? { name: status, of: OF_THE_CASE, words: status === "resolved" ? t("sending.does_resolved") : t("sending.does_status", { status: term("status", status) }) } : null,
      to ? { name: to, of: ["hand_back", "no_danger"], words: t(`sending.does_${to}`) } : null,
      until ? { name: "snooze", of: ["snooze_until"], words: t("sending.does_snooze", { time: shortly(until) }) } : null,
    ].filter(Boolean);
  }

  #part({ of, words }) {
    const less = () => this.arm(Object.fromEntries(Object.entries(this.then).filter(([name]) => !of.includes(name))));
    return h("li", {}, h("span", {}, words), h("button", { type: "button", class: "quiet", "aria-label": t("sending.remove", { what: words }), title: t("sending.remove", { what: words }), on: { click: less } }, icon("close")));
  }

  // the menu -------------------------------------------------------------------------------------------------

  async #menu() {
    const { openMenu } = await import("./sending-menu.js");
    const one = this.#one;
    const about = one.reference !== null;
    const names = [...(about ? ["waiting_for_customer", "in_progress"] : []), "bot", "queue", ...(one.urgent ? [] : ["snooze"]), ...(about ? ["resolved"] : [])];
    const name = await openMenu(this.more, names.map((each) => [each, t(`sending.${each}`)]), t("sending.more"), about ? null : t("sending.no_case"));
    if (name) await this.#choose(name);
  }

  async #choose(name) {
    if (!this.composer.text.value.trim()) return this.composer.text.focus();
    if (!this.#whole()) return;
    const { hand_back: _, no_danger: __, snooze_until: ___, ...kept } = this.then ?? {};
    try {
      if (name === "bot" || name === "queue") {
        this.arm({ ...kept, hand_back: name });
      } else if (name === "snooze") {
        const until = await (await import("./snooze.js")).askUntil(async (when) => when.toISOString());
        if (!until) return;
        this.arm({ ...kept, snooze_until: until });
      } else {
        const record = await get(`/cases/${this.#one.case}`);
        if (!this.composer.node.isConnected) return tellAfar(this.#one, t("sending.left"));
        const result = name === "resolved" ? await this.#result(record) : {};
        if (!result) return;
        this.arm({ ...this.then, status: name, outcome: undefined, basis: undefined, next_steps: undefined, ...result }, record);
      }
      this.composer.node.requestSubmit();
    } catch (error) {
      this.composer.failed(error);
    }
  }

  async #result(record) {
    const { askResult } = await import("./resolve.js");
    return askResult({ record, conversation: this.#one, text: this.composer.text.value });
  }

  // sending --------------------------------------------------------------------------------------------------

  #whole() {
    const gaps = gapsIn(this.composer.text.value);
    if (!gaps.length) return true;
    const names = gaps.map((gap) => gap.replace(/[⟦⟧]/g, "") || t("sending.gap_any"));
    this.composer.tell(t("sending.unfilled", { names: names.join(t("list_comma")) }));
    this.#select(gaps[0]);
    return false;
  }

  /** Whether the answer can be sent now; what is still to be said for it is asked. */
  async ready() {
    if (!this.#whole()) return false;
    const { then } = this;
    if (!then) return true;
    try {
      if (then.status && !this.#one.case) {
        this.composer.tell(t("sending.no_case"));
        return false;
      }
      if (then.status && (then.version === undefined || (then.status === "resolved" && !then.outcome))) {
        const record = await get(`/cases/${this.#one.case}`);
        const result = then.status === "resolved" && !then.outcome ? await this.#result(record) : {};
        if (!result) return false;
        this.arm({ ...then, ...result }, record);
      }
      if (then.hand_back && this.#one.urgent && !then.no_danger) {
        const danger = await (await import("./danger.js")).askDanger(then.hand_back);
        if (!danger) return false;
        this.arm({ ...this.then, ...danger });
      }
      return true;
    } catch (error) {
      this.composer.failed(error);
      return false;
    }
  }

  body() {
    return this.then ? { then: this.then } : {};
  }

  sent() {
    this.then = null;
    this.#keep();
  }

  /** Why nothing was sent, in words, where what was to be done besides is the reason. */
  async refused(error) {
    if (!(error instanceof Problem) || !this.then) return null;
    if (error.code === "changed_meanwhile") {
      const record = await get(`/cases/${this.#one.case}`).catch(() => null);
      if (record) this.arm(this.then, record);
      return t("sending.changed", { status: term("status", record?.status) });
    }
    if (error.code === "danger_not_cleared") return t("sending.danger");
    if (error.document.errors?.some((one) => one.field === "then.snooze_until")) return t("sending.too_late");
    return SAID.includes(error.code) ? t(`sending.${error.code}`) : null;
  }

  // canned replies -------------------------------------------------------------------------------------------

  /** A stroke at the beginning of an empty answer means a canned reply. */
  typed() {
    if (["/", "／"].includes(this.composer.text.value)) this.pick(true);
  }

  async pick(typed = false) {
    if (this.composer.noting || this.picking) return;
    this.picking = true;
    const { text } = this.composer;
    const [start, end] = [text.selectionStart, text.selectionEnd]; // a dialog takes the caret away
    try {
      const { pick } = await import("./canned.js");
      const found = await pick({ conversation: this.#one, me: this.composer.talk.me, query: () => (typed ? text.value.slice(1) : ""), stands: () => text.isConnected });
      if (!text.isConnected) return;
      text.focus();
      text.setSelectionRange(start, end);
      if (typed) text.setSelectionRange(text.value.length, text.value.length);
      if (!found || text.readOnly) return;
      text.setRangeText(found.text, typed ? 0 : start, typed ? text.value.length : end, "end");
      text.dispatchEvent(new Event("input", { bubbles: true }));
      if (found.then) this.arm(found.then, found.record);
      const gaps = gapsIn(text.value);
      if (gaps.length) this.#select(gaps[0]);
    } catch (error) {
      this.composer.failed(error);
    } finally {
      this.picking = false;
    }
  }
}

/** What is still missing in a text, each once. */
function gapsIn(text) {
  return [...new Set(text.match(GAP) ?? [])];
}
