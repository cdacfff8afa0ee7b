// What an agent is writing, kept twice: in this tab at every key, and on the server a moment after they pause, for their next page.
//
// Without the server the tab's copy is all there is, and is saved as soon as there is a server again. A page saves upon the version it
// knows: what another page of the same agent has written since stays, both are told of, and the agent takes one. While nobody knows whether
// a draft was sent (its answer never came) nothing of it is saved or changed.
//
// Not here: the field (composer.js), how a draft is gone with the answer (the gateway does it in the answer's own transaction).

import { call, get, Problem, session } from "./api.js";
import { fill, h, icon } from "./dom.js";
import { moment } from "./formats.js";
import { t } from "./words.js";

const WRITER = crypto.randomUUID(); // this page: a tab that is duplicated is another
const PAUSE = 1_000; // after the last key
const LONGEST = 3_000; // at most so often while somebody goes on writing
const AGAIN = 10_000; // after a try that the server could not take
const SHOWN = 90; // characters of the other draft
const LEAVING = 3_000;

const TAB = { reply: (id) => `qt.draft.${id}`, note: (id) => `qt.note.${id}` };
const BESIDE = { files: "qt.files", then: "qt.then", cc: "qt.cc" };
const slots = new Map();

const parsed = (key) => JSON.parse(sessionStorage.getItem(key) ?? "null");
const keep = (key, value) => (value && (!Array.isArray(value) || value.length) ? sessionStorage.setItem(key, typeof value === "string" ? value : JSON.stringify(value)) : sessionStorage.removeItem(key));

/** A request whose answer never came, by the draft that it sent: sent again under the same key, also after a reload, it is still said once. */
export const unsure = {
  get: (draft) => parsed(`qt.unsure.${draft}`),
  has: (draft) => sessionStorage.getItem(`qt.unsure.${draft}`) !== null,
  set: (draft, request) => keep(`qt.unsure.${draft}`, request),
  delete: (draft) => sessionStorage.removeItem(`qt.unsure.${draft}`),
};

/** The draft of a reply or a note in one conversation: `kind` is reply or note. Outlives the field that shows it. */
export function slot(id, kind) {
  const key = `${kind}.${id}`;
  if (!slots.has(key)) slots.set(key, new Slot(id, kind));
  return slots.get(key);
}

class Slot extends EventTarget {
  #timer = null;
  #under = null; // a save that is under way
  #since = 0; // when it was last saved
  #flushed = null; // what was put away without waiting for an answer
  #dead = false; // its agent has gone: whatever is in this tab now is not theirs
  other = null; // what another page has written: {draft}, null there for ended

  constructor(id, kind) {
    super();
    Object.assign(this, { id, kind, tab: TAB[kind](id), place: `qt.base.${kind}.${id}` });
    // what was written before anybody saved it is unsaved
    ({ version: this.base, dirty: this.dirty } = parsed(this.place) ?? { version: null, dirty: !this.empty });
  }

  get #beside() {
    return this.kind === "reply" ? Object.entries(BESIDE).map(([name, place]) => [name, parsed(`${place}.${this.id}`)]) : [];
  }

  /** What this tab holds. */
  get content() {
    const beside = this.#beside.filter(([, value]) => value && Object.keys(value).length);
    return { text: sessionStorage.getItem(this.tab) ?? "", ...Object.fromEntries(beside) };
  }

  get empty() {
    const { text, ...beside } = this.content;
    return !text.trim() && !Object.keys(beside).length;
  }

  get #sure() {
    return !this.#dead && !unsure.has(this.tab);
  }

  #note(version, dirty) {
    if (this.#dead) return;
    Object.assign(this, { base: version, dirty });
    keep(this.place, version || dirty ? { version, dirty } : null);
  }

  // saving ---------------------------------------------------------------------------------------------------

  /** Something was written, chosen or taken away. */
  changed() {
    this.#note(this.base, true);
    if (this.other || !this.#sure) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.save(), Math.max(PAUSE, Math.min(LONGEST, this.#since + LONGEST - Date.now())));
  }

  async save() {
    clearTimeout(this.#timer);
    if (this.#under || this.other || !this.dirty || !this.#sure) return this.#under;
    this.#under = this.#save();
    await this.#under;
    this.#under = null;
    if (this.dirty && !this.other && this.#sure) this.#timer = setTimeout(() => this.save(), this.failed ? AGAIN : LONGEST);
  }

  async #save() {
    const content = this.content;
    this.#since = Date.now();
    this.failed = false;
    try {
      const { draft } = await this.#put(content);
      this.#note(draft?.version ?? null, JSON.stringify(this.content) !== JSON.stringify(content));
    } catch (error) {
      if (error instanceof Problem && error.code === "written_elsewhere") this.#differ(error.document.draft);
      else this.failed = true; // the tab has it; with the next key, or a while later, it is tried again
    }
    this.dispatchEvent(new Event("change"));
  }

  #put({ text, files = [], then = null, cc = [] }) {
    return call("PUT", `/conversations/${this.id}/drafts/${this.kind}`, { text, files, then, cc, base: this.base, writer: WRITER });
  }

  /** Nothing is under way any more: what is sent now names the last version. */
  async settled() {
    clearTimeout(this.#timer);
    await this.#under;
  }

  /** It was sent, or noted: the gateway has ended it with that. */
  ended() {
    clearTimeout(this.#timer);
    this.#note(null, false);
    if (!this.other?.draft) this.other = null;
    this.dispatchEvent(new Event("change"));
  }

  /** The last moment of this page, or of its agent: put away without waiting, what is saved next goes on from it. */
  flush() {
    if (!this.dirty || this.other || !this.#sure) return null;
    clearTimeout(this.#timer);
    const content = this.content;
    const sign = JSON.stringify(content);
    if (this.#flushed === sign) return null;
    this.#flushed = sign;
    const put = () => this.#put(content).catch(() => (this.#flushed = null));
    return this.#under ? this.#under.then(put) : put();
  }

  forget() {
    this.#dead = true;
    clearTimeout(this.#timer);
  }

  // what stands on the server ----------------------------------------------------------------------------------

  /** Compares with what the server keeps, null for nothing: the newer of both is shown, and where both are new the agent is asked. */
  meet(draft) {
    if (this.#under || !this.#sure) return;
    if (draft && same(draft, this.content)) {
      this.#note(draft.version, false);
      this.other = null;
    } else if ((draft?.version ?? null) === this.base) {
      if (this.dirty) this.save();
    } else if (!this.dirty || (this.empty && draft)) {
      this.#adopt(draft);
    } else {
      this.#differ(draft);
    }
    this.dispatchEvent(new Event("change"));
  }

  #differ(draft) {
    if (!draft && this.empty) this.#adopt(null);
    else if (draft && same(draft, this.content)) this.#note(draft.version, false);
    else this.other = { draft };
  }

  #adopt(draft) {
    this.other = null;
    keep(this.tab, draft?.text ?? "");
    if (this.kind === "reply") {
      keep(`${BESIDE.files}.${this.id}`, draft?.files.filter((one) => one.here).map(({ id, name, size }) => ({ id, name, size })));
      keep(`${BESIDE.then}.${this.id}`, draft?.then);
      keep(`${BESIDE.cc}.${this.id}`, draft?.cc);
    }
    this.#note(draft?.version ?? null, false);
    const gone = draft?.files.filter((one) => !one.here).map((one) => one.name) ?? [];
    this.dispatchEvent(new CustomEvent("adopted", { detail: { at: draft?.updated_at ?? null, gone } }));
  }

  take() {
    this.#adopt(this.other.draft);
    this.dispatchEvent(new Event("change"));
  }

  keepMine() {
    this.#note(this.other.draft?.version ?? null, true);
    this.other = null;
    this.save();
    this.dispatchEvent(new Event("change"));
  }
}

function same(draft, { text, files = [], then = null, cc = [] }) {
  const ids = (list) => list.map((one) => one.id).join(" ");
  return draft.text === text && ids(draft.files) === ids(files) && JSON.stringify(sorted(draft.then)) === JSON.stringify(sorted(then)) && draft.cc.join(" ") === cc.join(" ");
}

const sorted = (then) => Object.entries(then ?? {}).sort();

/** Whatever this agent was writing is saved before they go, and is nobody's in this tab afterwards. */
session.addEventListener("leaving", ({ waits }) => {
  const late = new Promise((go) => setTimeout(go, LEAVING));
  waits.push(Promise.race([late, Promise.allSettled(flushed())]));
});
session.addEventListener("forgotten", () => {
  slots.forEach((one) => one.forget());
  slots.clear();
});
addEventListener("pagehide", () => flushed());
document.addEventListener("visibilitychange", () => document.hidden && flushed());

const flushed = () => [...slots.values()].map((one) => one.flush());

/** What is kept of the conversation that is shown: fetched when it is opened, when another page has written, and after a gap. */
export class Kept {
  constructor(composer) {
    this.composer = composer;
    this.slots = { reply: slot(composer.id, "reply"), note: slot(composer.id, "note") };
    this.node = h("div", { class: "elsewhere", role: "status", hidden: true });
    for (const one of Object.values(this.slots)) {
      one.addEventListener("change", this.render);
      one.addEventListener("adopted", this.#adopted);
    }
    this.live = composer.talk.live;
    this.live.addEventListener("changed", this.#heard);
    this.live.addEventListener("reload", this.look);
    this.look();
  }

  letGo() {
    for (const one of Object.values(this.slots)) {
      one.removeEventListener("change", this.render);
      one.removeEventListener("adopted", this.#adopted);
      one.save();
    }
    this.live.removeEventListener("changed", this.#heard);
    this.live.removeEventListener("reload", this.look);
    clearTimeout(this.soon);
  }

  get #slot() {
    return this.slots[this.composer.noting ? "note" : "reply"];
  }

  /** What is written in this mode has changed, or what goes with the reply. */
  changed(kind = this.#slot.kind) {
    this.slots[kind].changed();
  }

  #heard = ({ detail }) => {
    if (detail.kind !== "draft" || detail.id !== this.composer.id) return;
    clearTimeout(this.soon);
    this.soon = setTimeout(this.look, 300); // our own saves are told to us as well
  };

  look = async () => {
    const slots = Object.values(this.slots);
    const bases = slots.map((one) => one.base);
    const found = await get(`/conversations/${this.composer.id}/drafts`).catch(() => null);
    if (!found || this.composer.talk.composer !== this.composer) return;
    // what was saved since this was asked is newer than the answer, which would take it back
    for (const [at, one] of slots.entries()) if (one.base === bases[at]) one.meet(found.items.find((draft) => draft.kind === one.kind) ?? null);
  };

  #adopted = ({ target, detail }) => this.composer.adopted(target.kind, detail);

  render = () => {
    const { other } = this.#slot;
    const sign = JSON.stringify(other && [other, this.#slot.kind]);
    if (this.node.sign === sign) return;
    this.node.sign = sign;
    const focused = this.node.contains(document.activeElement);
    this.node.hidden = !other;
    fill(this.node, other && this.#asks(other.draft));
    if (focused && !other) this.composer.text.focus();
  };

  #asks(draft) {
    const words = draft?.text.replace(/\s+/g, " ").trim() ?? "";
    const short = words.length > SHOWN ? `${words.slice(0, SHOWN)}…` : words;
    const button = (key, click) => h("button", { type: "button", class: "link", on: { click } }, t(`replying.${key}`));
    return [
      icon("alert"),
      h("p", {}, draft ? t("replying.elsewhere", { time: moment(draft.updated_at), words: short }) : t("replying.ended_elsewhere")),
      button(draft ? "take_that" : "take_nothing", () => this.#slot.take()),
      button("keep_this", () => this.#slot.keepMine()),
    ];
  }
}

/** Where this agent has something that is not sent: for the marks in lists. Events: "change". */
export class Marks extends EventTarget {
  #kept = new Set();

  constructor(live) {
    super();
    this.live = live;
    live.addEventListener("changed", this.#heard);
    live.addEventListener("reload", this.#look);
    this.#look();
  }

  stop() {
    this.live.removeEventListener("changed", this.#heard);
    this.live.removeEventListener("reload", this.#look);
    clearTimeout(this.soon);
  }

  #heard = ({ detail }) => {
    if (detail.kind !== "draft") return;
    clearTimeout(this.soon);
    this.soon = setTimeout(this.#look, 500);
  };

  #look = async () => {
    const found = await get("/drafts").catch(() => null);
    if (!found) return;
    this.#kept = new Set(found.items.map((one) => one.conversation));
    this.dispatchEvent(new Event("change"));
  };

  has(id) {
    return this.#kept.has(id);
  }
}
