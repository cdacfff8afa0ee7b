// What is written next in one conversation: an answer to the customer, or a note that only colleagues see.
//
// A draft is kept for each conversation, so that neither another conversation, an ended session nor a closed page loses it (drafts.js).

import { post, Problem } from "./api.js";
import { Copies } from "./copies.js";
import { Kept, unsure } from "./drafts.js";
import { fill, h, icon, say } from "./dom.js";
import { Enclosing } from "./enclosing.js";
import { Moved } from "./moved.js";
import { doings } from "./presence.js";
import { told } from "./problems.js";
import { Sending } from "./sending.js";
import { tellAfar } from "./toast.js";
import { Ways } from "./ways.js";
import { t } from "./words.js";

const TELL = 3_000; // so often it is told that somebody writes

export class Composer {
  #known; // the conversation, as it was last shown

  /** `talk` is the conversation's element: its `conversation`, `board`, `live`, `me`, and `sure(name)`, which asks before another's is taken. */
  constructor({ talk, thread, notes, calling }) {
    Object.assign(this, { talk, thread, notes });
    this.#known = talk.conversation;
    this.id = talk.conversation.id;
    this.noting = false;
    this.said = h("p", { class: "said", role: "alert" });
    this.lost = h("p", { class: "lost", role: "status", hidden: true }, icon("alert"), t("reply.unreachable"));
    this.moved = new Moved({ id: this.id, thread, me: talk.me });
    this.beside = h("p", { class: "beside", hidden: true }); // read out where it stands first, in the head
    this.modes = h(
      "div",
      { class: "modes", role: "group", "aria-label": t("note.modes") },
      h("button", { type: "button", "data-mode": "reply", on: { click: () => this.write(false) } }, t("note.reply")),
      h("button", { type: "button", "data-mode": "note", on: { click: () => this.write(true) } }, icon("lock"), t("note.private")),
    );
    this.text = h("textarea", {
      id: "reply",
      rows: 2,
      maxlength: 8000,
      value: sessionStorage.getItem(this.#draftKey()) ?? "",
      on: { input: () => this.#written(), keydown: (event) => this.#keyed(event) },
    });
    this.advice = h("div", { class: "advice" });
    if (this.text.value) this.#advise();
    this.hint = h("span", { class: "hint" });
    this.send = h("button", { type: "submit", class: "strong" });
    this.sending = new Sending(this);
    this.enclosing = new Enclosing(this);
    this.copies = new Copies(this);
    this.ways = new Ways(this);
    this.kept = new Kept(this);
    this.translating = h("div", { class: "translating", hidden: true });
    if (talk.me.translator) import("./translating.js").then(({ Drafting }) => (this.drafting = new Drafting(this)), () => {});
    this.calling = new calling({ field: this.text, agents: talk.agents, me: talk.me });
    this.calling.active = () => this.noting;
    this.node = h(
      "form",
      { class: "composer", on: { submit: (event) => this.#submit(event) } },
      h("div", { class: "row" }, this.modes, this.sending.canned),
      this.lost,
      this.said,
      this.beside,
      this.moved.node,
      this.kept.node,
      this.ways.node,
      this.copies.node,
      this.translating,
      this.text,
      this.calling.list,
      this.enclosing.node,
      this.advice,
      this.sending.gaps,
      this.sending.armed,
      h("div", { class: "row" }, this.hint, this.enclosing.button, h("div", { class: "send" }, this.send, this.sending.more)),
    );
    this.enclosing.listen(this.node);
    this.#renderMode();
    this.#tellUnsure();
  }

  /** The connection broke while this was sent, perhaps before a reload. */
  #tellUnsure() {
    if (unsure.has(this.#draftKey())) this.tell(t("replying.unsure"));
  }

  /** The conversation that is answered here, as it was last known: where another is shown by now, what is still under way is not about that. */
  get conversation() {
    if (this.talk.conversation?.id === this.id) this.#known = this.talk.conversation;
    return this.#known;
  }

  /** The composer that shows this conversation now: it may have been left and opened again while something was sent. */
  get shown() {
    return this.talk.composer?.id === this.id ? this.talk.composer : null;
  }

  update() {
    this.lost.hidden = !this.conversation.unreachable;
    this.moved.update(this.conversation);
    if (sessionStorage.getItem(`qt.draft.${this.id}`)) this.moved.begin();
    else if (this.moved.begun) this.moved.end();
    this.#renderHint();
  }

  /** Colleagues who are here: that one of them is answering too has to be seen where one writes. */
  somebody(present) {
    this.answering = present.filter(({ doing }) => doing === "reply");
    this.#renderBeside();
  }

  #renderBeside() {
    const answering = this.noting ? [] : (this.answering ?? []);
    this.beside.hidden = answering.length === 0;
    fill(this.beside, doings(answering));
  }

  letGo() {
    this.#types(false);
    this.kept.letGo();
  }

  /** What goes with the answer has changed: it is another request then. */
  changed() {
    unsure.delete(`qt.draft.${this.id}`);
    this.kept.changed("reply");
    this.#renderHint();
  }

  /** What was written on another page of this agent is shown here now: `at` when, `gone` the files that are there no more. */
  adopted(kind, { at, gone }) {
    if (kind === "reply") {
      this.enclosing.adopted();
      this.sending.adopted();
      at && sessionStorage.getItem(`qt.draft.${this.id}`) ? this.moved.beganAt(at) : this.moved.end();
    }
    if ((kind === "note") === this.noting) {
      this.text.value = sessionStorage.getItem(this.#draftKey()) ?? "";
      if (gone.length) this.tell(t("replying.files_gone", { names: gone.join(t("list_comma")) }));
      if (!this.noting) this.#advise();
    }
    this.#renderHint();
  }

  failed(error) {
    this.tell(told(error));
  }

  tell(words) {
    this.said.textContent = words;
  }

  /** What is written next: an answer to the customer, or a note that only colleagues see. Each keeps its own draft. */
  write(noting) {
    if (this.noting !== noting) {
      this.#types(false);
      this.noting = noting;
      this.tell("");
      this.calling.close();
      this.text.value = sessionStorage.getItem(this.#draftKey()) ?? "";
      this.#renderMode();
      this.#renderHint();
      if (!noting) this.#advise();
      this.kept.render();
      this.#tellUnsure();
    }
    this.text.focus();
  }

  #renderMode() {
    this.node.classList.toggle("noting", this.noting);
    for (const button of this.modes.children) button.setAttribute("aria-pressed", String((button.dataset.mode === "note") === this.noting));
    this.text.setAttribute("aria-label", t(this.noting ? "note.label" : "reply.label"));
    this.advice.hidden = this.noting;
    this.moved.node.classList.toggle("off", this.noting);
    this.#renderBeside();
    say(this.send, t(this.noting ? "note.add" : "reply.send"));
  }

  /** Hints on the wording: fetched and shown beside the writing, never in its way. */
  #advise() {
    const { text, advice, conversation } = this;
    import("./hints.js").then(({ advise }) => advise(text, advice, conversation), () => {});
  }

  #written() {
    this.#keepDraft();
    this.#types(this.text.value !== "");
    if (this.noting) return;
    this.text.value ? this.moved.begin() : this.moved.end();
    this.sending.typed();
    this.#advise();
  }

  #types(active) {
    const now = Date.now();
    if (active ? now - (this.typingTold ?? 0) < TELL : !this.typingTold) return;
    this.typingTold = active ? now : null;
    this.talk.live.typing(this.id, active, this.noting ? "note" : "reply");
  }

  #draftKey() {
    return `qt.${this.noting ? "note" : "draft"}.${this.id}`;
  }

  #keepDraft() {
    const text = this.text.value;
    if (text) sessionStorage.setItem(this.#draftKey(), text);
    else sessionStorage.removeItem(this.#draftKey());
    unsure.delete(this.#draftKey());
    this.kept.changed();
    this.#renderHint();
  }

  #keyed(event) {
    if (event.key === "/" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      this.sending.pick();
      return;
    }
    // Enter makes a line: answers at a bank are letters. While an input method composes, no key is ours.
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && !event.isComposing && event.keyCode !== 229) {
      event.preventDefault();
      this.send.form.requestSubmit();
    }
  }

  #renderHint() {
    this.sending.update();
    this.enclosing.update();
    this.ways.update();
    this.copies.update();
    this.drafting?.update();
    const one = this.conversation;
    const mine = one.owner === "agent" && one.agent === this.talk.me.username;
    const length = this.text.value.length;
    if (this.noting) {
      say(this.hint, length > 7000 ? `${length} / 8000` : t("note.hint"));
      return;
    }
    say(this.hint, mine ? t("reply.keys") : one.owner === "agent" ? t("reply.anothers", { name: one.agent_name ?? one.agent }) : t("reply.takes_over"));
    if (length > 7000) say(this.hint, `${length} / 8000`);
  }

  async #submit(event, from = null) {
    event?.preventDefault();
    const text = this.text.value;
    if (!text.trim() || this.send.disabled) return;
    if (this.noting) {
      await this.#note(text);
      return;
    }
    this.tell(this.enclosing.hinders);
    if (this.enclosing.hinders) return;
    const draft = this.#draftKey();
    // what may have been sent already is sent again as it was
    if (!unsure.has(draft) && !(await this.moved.sure())) return;
    if (!(await this.sending.ready()) || this.send.disabled || this.text.value !== text) return;
    this.#sends(true);
    this.tell("");
    const kept = this.kept.slots.reply;
    await kept.settled();
    const request = unsure.get(draft) ?? { key: crypto.randomUUID(), body: { text, after: this.moved.after(), take_over: from !== null, draft: kept.base, ...this.sending.body(), ...this.enclosing.body(), ...this.copies.body() } };
    unsure.set(draft, request);
    try {
      await post(`/conversations/${this.id}/messages`, request.body, request.key);
      (this.shown ?? this).sending.sent();
      this.enclosing.sent(request.body.attachments);
      (this.shown ?? this).copies.sent();
      this.#sent(draft, text, kept);
      await this.talk.board.fetch(this.id, true);
      this.shown?.thread.toEnd();
    } catch (error) {
      if (error instanceof Problem && error.status < 500) unsure.delete(draft);
      kept.save(); // if it is sure by now that it was not sent
      if (this.shown) await this.shown.#refused(error);
      else tellAfar(this.conversation, this.#notSent(error));
    } finally {
      this.#sends(false);
    }
  }

  async #note(text) {
    const draft = this.#draftKey();
    const kept = this.kept.slots.note;
    this.#sends(true);
    this.tell("");
    await kept.settled();
    const request = unsure.get(draft) ?? { key: crypto.randomUUID(), body: { text, draft: kept.base } };
    unsure.set(draft, request);
    try {
      await this.notes.add(request.body, request.key);
      this.#sent(draft, text, kept);
      this.shown?.thread.toEnd();
    } catch (error) {
      if (error instanceof Problem && error.status < 500) unsure.delete(draft);
      kept.save();
      if (this.shown) this.shown.tell(this.#notSent(error));
      else tellAfar(this.conversation, this.#notSent(error));
    } finally {
      this.#sends(false);
    }
  }

  /** What is typed while something is being sent would be lost with it. */
  #sends(now) {
    this.send.disabled = now;
    this.text.readOnly = now;
    if (this.shown) this.#renderHint();
  }

  #sent(draft, text, kept) {
    if (sessionStorage.getItem(draft) === text) sessionStorage.removeItem(draft);
    unsure.delete(draft);
    kept.ended();
    const shown = this.shown;
    shown?.#types(false);
    if (!draft.startsWith("qt.note.")) (shown ?? this).moved.end();
    if (shown?.#draftKey() !== draft) return; // another conversation, or the other mode, is being written by now
    if (shown.text.value !== text) return; // it was opened again meanwhile, and something else is being written
    shown.text.value = "";
    if (!shown.noting) shown.#advise();
  }

  #notSent(error) {
    const code = error instanceof Problem ? error.code : "";
    if (code === "moved_on") return t("reply.moved_on", { n: error.document.newer?.length ?? 1 });
    if (code === "owned_by_another") return t("reply.not_sent", { name: error.document.agent_name ?? error.document.agent ?? "" });
    return `${told(error)} ${t("reply.kept")}`;
  }

  async #refused(error) {
    if (error instanceof Problem && error.code === "moved_on") {
      await this.talk.board.fetch(this.id, true);
      this.moved.refused();
      this.thread.toEnd();
      this.tell(this.#notSent(error));
    } else if (error instanceof Problem && error.code === "owned_by_another") {
      const name = error.document.agent_name ?? error.document.agent ?? "";
      await this.talk.board.fetch(this.id, true);
      if (await this.talk.sure(name)) {
        this.#sends(false);
        await this.#submit(null, name);
      } else {
        this.tell(this.#notSent(error));
      }
    } else {
      this.tell((await this.sending.refused(error)) ?? this.#notSent(error));
    }
  }
}
