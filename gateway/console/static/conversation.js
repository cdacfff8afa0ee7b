// One conversation: what was said, how far each message has come, who answers, and the answer being written.
//
// A draft is kept for each conversation in this tab, so that neither another conversation nor an ended session loses it.

import { post, Problem } from "./api.js";
import { attachment, original } from "./attachments.js";
import { snoozed } from "./board.js";
import { confirmed, fill, h, icon, keyed, say } from "./dom.js";
import { dayHeading, moment, sameDay, shortly, since, whole } from "./formats.js";
import { bind } from "./keys.js";
import { told } from "./problems.js";
import { notes, verdict } from "./verdict.js";
import { t, term } from "./words.js";

const NEAR = 80; // so close to the end the view follows new messages

class Conversation extends HTMLElement {
  board = null;
  live = null;
  me = null;
  agents = [];
  back = () => {};
  toggleCase = () => {};
  conversation = null;
  #unsure = null; // a request whose answer never came

  connectedCallback() {
    this.board.addEventListener("fresh", this.#fresh);
    this.live.addEventListener("typing", this.#typing);
    this.letGo = bind({ t: () => this.takeOver(), r: () => this.#write(false), m: () => this.#write(true), c: () => this.toggleCase() });
    fill(this, h("p", { class: "empty" }, t("conversation.none")));
  }

  disconnectedCallback() {
    this.board.removeEventListener("fresh", this.#fresh);
    this.live.removeEventListener("typing", this.#typing);
    this.letGo();
    this.#hangUp();
  }

  #hangUp() {
    this.call?.end();
    this.call = null;
  }

  async show(id) {
    if (this.conversation?.id === id) return this.#point();
    this.wanted = id;
    this.conversation = null;
    this.#unsure = null;
    this.#hangUp();
    if (!id) {
      fill(this, h("p", { class: "empty" }, t("conversation.none")));
      return;
    }
    this.text = null; // what is typed while the next one comes must not go into the field of the last
    fill(this, h("p", { class: "empty", role: "status" }, t("loading")));
    try {
      const [found, beside] = await Promise.all([this.board.fetch(id), this.beside ?? import("./notes.js")]);
      this.beside = beside;
      if (found.call) this.calls ??= await import("./call.js"); // most conversations are no calls
      // whoever moves quickly through the list asks for one conversation twice: what is being written must not be made anew
      if (this.wanted === id && this.conversation?.id !== id) this.#open(found);
    } catch (error) {
      if (this.wanted === id) fill(this, h("p", { class: "empty", role: "alert" }, told(error)));
    }
  }

  #fresh = async ({ detail }) => {
    if (!this.conversation || detail.id !== this.conversation.id) return;
    if (detail.conversation === null) {
      this.board.fetch(detail.id, true);
    } else if (detail.conversation.version >= this.conversation.version) {
      this.conversation = detail.conversation;
      this.#render();
      this.notes.load();
    }
  };

  #typing = ({ detail }) => {
    if (!this.conversation || detail.id !== this.conversation.id) return;
    this.typing.hidden = !detail.active;
    clearTimeout(this.typingEnds);
    if (detail.active) this.typingEnds = setTimeout(() => (this.typing.hidden = true), 8_000);
    this.#follow();
  };

  // the parts ------------------------------------------------------------------------------------------------

  #open(conversation) {
    this.conversation = conversation;
    this.noting = false;
    this.notes = new this.beside.Notes({ conversation: conversation.id, changed: () => this.conversation?.id === conversation.id && this.#render() });
    this.head = h("header", { class: "head" });
    this.messages = h("ol", { class: "messages", "aria-label": t("conversation.messages") });
    this.typing = h("p", { class: "typing", hidden: true }, t(conversation.call ? "call.speaking" : "conversation.typing"));
    this.scroll = h("div", { class: "scroll", tabindex: "0", role: "log", "aria-label": t("conversation.messages") }, this.messages, this.typing);
    this.newer = h("button", { type: "button", class: "newer", hidden: true, on: { click: () => this.#toEnd() } }, t("conversation.newer"));
    this.scroll.addEventListener("scroll", () => this.#scrolled(), { passive: true });
    // an answer that grows, or a window that shrinks, must not push the last words out of sight
    this.resized?.disconnect();
    this.resized = new ResizeObserver(() => this.atEnd && this.#toEnd());
    this.resized.observe(this.scroll);
    this.#hangUp();
    if (conversation.call) this.call = this.#callPanel();
    fill(this, this.head, this.call?.node, h("div", { class: "middle" }, this.scroll, this.newer), this.#composer());
    this.#render();
    if (conversation.call?.state === "ended") this.scroll.scrollTop = 0; // a call is read from its beginning
    else this.#toEnd();
    this.#point();
    this.notes.load();
  }

  /** Words that the page's address names are shown and marked. */
  #point() {
    if (location.hash.startsWith("#words=")) import("./marking.js").then(({ mark }) => mark(this) && (this.atEnd = false));
  }

  #callPanel() {
    let touched = 0;
    for (const event of ["wheel", "touchmove", "keydown"]) this.scroll.addEventListener(event, () => (touched = Date.now()), { passive: true });
    const marks = (id, follows) => {
      for (const marked of this.messages.querySelectorAll(".playing")) {
        marked.classList.remove("playing");
        marked.removeAttribute("aria-current");
      }
      const node = id && this.messages.querySelector(`[data-message="${id}"]`);
      if (!node) return;
      node.classList.add("playing");
      node.setAttribute("aria-current", "true");
      if (follows) node.scrollIntoView({ block: "nearest" });
    };
    return new this.calls.CallPanel({ me: this.me, marks, changed: () => this.board.fetch(this.conversation.id, true), scrolled: () => touched, redraw: () => this.#render() });
  }

  /** Plays the call from a second that something else speaks of. */
  playFrom(second) {
    this.call?.playFrom(second);
  }

  #composer() {
    this.said = h("p", { class: "said", role: "alert" });
    this.lost = h("p", { class: "lost", role: "status", hidden: true }, icon("alert"), t("reply.unreachable"));
    this.modes = h(
      "div",
      { class: "modes", role: "group", "aria-label": t("note.modes") },
      h("button", { type: "button", "data-mode": "reply", on: { click: () => this.#write(false) } }, t("note.reply")),
      h("button", { type: "button", "data-mode": "note", on: { click: () => this.#write(true) } }, icon("lock"), t("note.private")),
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
    this.calling = new this.beside.Calling({ field: this.text, agents: this.agents, me: this.me });
    this.calling.active = () => this.noting;
    this.form = h(
      "form",
      { class: "composer", on: { submit: (event) => this.#submit(event) } },
      this.modes,
      this.lost,
      this.said,
      this.text,
      this.calling.list,
      this.advice,
      h("div", { class: "row" }, this.hint, this.send),
    );
    this.#renderMode();
    return this.form;
  }

  /** What is written next: an answer to the customer, or a note that only colleagues see. Each keeps its own draft. */
  #write(noting) {
    if (!this.text) return;
    if (this.noting !== noting) {
      this.noting = noting;
      this.#unsure = null;
      this.said.textContent = "";
      this.calling.close();
      this.text.value = sessionStorage.getItem(this.#draftKey()) ?? "";
      this.#renderMode();
      this.#renderHint();
      if (!noting) this.#advise();
    }
    this.text.focus();
  }

  #renderMode() {
    this.form.classList.toggle("noting", this.noting);
    for (const button of this.modes.children) button.setAttribute("aria-pressed", String((button.dataset.mode === "note") === this.noting));
    this.text.setAttribute("aria-label", t(this.noting ? "note.label" : "reply.label"));
    this.advice.hidden = this.noting;
    say(this.send, t(this.noting ? "note.add" : "reply.send"));
  }

  /** Hints on the wording: fetched and shown beside the writing, never in its way. */
  #advise() {
    const { text, advice, conversation } = this;
    import("./hints.js").then(({ advise }) => advise(text, advice, conversation), () => {});
  }

  #written() {
    this.#keepDraft();
    if (this.noting) return;
    this.#advise();
    const now = Date.now();
    if (!this.conversation || now - (this.typingTold ?? 0) < 3_000) return;
    this.typingTold = now;
    this.live.typing(this.conversation.id, true);
  }

  #render() {
    const near = this.#near();
    const before = this.messages.childElementCount;
    this.#renderHead();
    this.lost.hidden = !this.conversation.unreachable;
    this.call?.update(this.conversation);
    const replaced = this.conversation.messages.filter((one) => one.utterance?.superseded);
    const said = this.conversation.messages.filter((one) => !one.utterance?.superseded);
    const all = this.notes.among(said);
    const rows = replaced.length ? [{ id: "replaced", replaced }, ...all] : all;
    keyed(this.messages, rows, {
      key: (one) => one.id,
      signature: (one) => (one.replaced ? one.replaced.length : JSON.stringify([one.text, one.delivery, one.edits, one.attachments, one.sender, one.utterance, this.call?.plays, this.call?.again])),
      make: (one) => (one.replaced ? this.#replaced(one.replaced) : one.note ? this.notes.row(one, all[all.indexOf(one) - 1]) : this.#message(one, all)),
    });
    if (said.at(-1)?.sender === "customer") this.typing.hidden = true;
    if (near) this.#toEnd();
    else if (before && this.messages.childElementCount > before) this.newer.hidden = false;
    this.#renderHint();
  }

  #renderHead() {
    const one = this.conversation;
    const mine = one.owner === "agent" && one.agent === this.me.username;
    const anothers = one.owner === "agent" && !mine;
    const sign = JSON.stringify([one.owner, one.agent, one.customer, one.references, one.waiting_since, one.urgent, one.subject, one.language, one.call?.state, this.agents.length, one.snoozed_until, snoozed(one)]);
    if (this.headSign === sign && this.head.childElementCount) return;
    this.headSign = sign;
    const focused = document.activeElement?.dataset?.act;
    const button = (act, label, strong, click) => h("button", { type: "button", class: strong ? "strong" : "", "data-act": act, on: { click } }, label);
    fill(
      this.head,
      h("button", { type: "button", class: "quiet only-narrow", "aria-label": t("back"), on: { click: () => this.back() } }, icon("back")),
      h(
        "div",
        { class: "title" },
        h("h2", { title: one.customer }, icon(one.channel, term("channels", one.channel)), one.customer || t("conversation.nameless")),
        h(
          "p",
          { class: "muted", title: one.subject },
          [term("channels", one.channel), term("languages", one.language), ...one.references, one.subject].filter(Boolean).join(" · "),
        ),
        h(
          "div",
          { class: "standing" },
          h(
            "p",
            { class: `owner ${one.owner}` },
            mine ? t("conversation.yours") : one.call && one.owner === "bot" ? t(`call.owner_${one.call.state}`) : anothers ? t("conversation.anothers", { name: one.agent_name ?? one.agent }) : term("owner_long", one.owner),
            mine && snoozed(one) ? ` · ${t("snooze.until", { time: shortly(one.snoozed_until) })}` : "",
            one.owner === "queue" && one.waiting_since ? ` · ${t("queue.waiting", { time: since(one.waiting_since) })}` : "",
          ),
          h("button", { type: "button", class: "link", "data-act": "history", on: { click: () => this.#history() } }, t("history.open")),
        ),
      ),
      h(
        "div",
        { class: "actions" },
        mine
          ? [button("bot", t("conversation.to_bot"), false, () => this.#handBack("bot")), button("queue", t("conversation.to_queue"), false, () => this.#handBack("queue"))]
          : button("take", anothers ? t("conversation.take_from", { name: one.agent_name ?? one.agent }) : t("conversation.take"), !anothers, () => this.takeOver()),
        mine && !one.urgent ? (snoozed(one) ? button("wake", t("snooze.wake"), false, () => this.#snooze("wake")) : button("snooze", t("snooze.open"), false, () => this.#snooze("putOff"))) : null,
        this.#mayGive(mine, anothers) ? button("give", t("give.open"), false, () => this.#give()) : null,
        h("button", { type: "button", class: "quiet only-panel", "data-act": "case", on: { click: () => this.toggleCase() } }, icon("panel"), t("case.title")),
      ),
    );
    if (focused) (this.head.querySelector(`[data-act="${focused}"]`) ?? this.head.querySelector(".actions button"))?.focus();
  }

  async #history() {
    try {
      const { History } = await import("./history.js");
      await new History(this.conversation.id).open();
    } catch (error) {
      this.said.textContent = told(error);
    }
  }

  #replaced(all) {
    return h("li", { class: "message system" }, h("article", {}, details(t("call.replaced", { n: all.length }), all.map((one) => h("p", { class: "text" }, one.text)))));
  }

  #message(one, all) {
    const at = all.indexOf(one);
    const before = all[at - 1];
    const ours = one.sender !== "customer";
    return h(
      "li",
      { class: `message ${one.sender}`, "data-message": one.id },
      !before || !sameDay(before.at, one.at) ? h("p", { class: "day" }, dayHeading(one.at)) : null,
      h(
        "article",
        one.utterance?.start !== undefined && this.call?.plays ? { class: "plays", on: { click: (event) => this.call.clicked(event, one) } } : {},
        h(
          "p",
          { class: "meta" },
          h("span", { class: "sender" }, this.#sender(one)),
          one.utterance && this.call ? this.calls.spokenAt(one, this.call) : null,
          one.utterance?.start === undefined ? h("time", { datetime: one.at, title: whole(one.at) }, moment(one.at)) : null,
          ours ? delivery(one.delivery) : verdict(one.verdict),
        ),
        one.subject ? h("p", { class: "subject", lang: this.conversation.language }, one.subject) : null,
        one.wordless ? null : h("p", { class: "text", lang: this.conversation.language }, one.text),
        notes(one.notes, one.verdict),
        one.edits.length ? details(t("message.edited", { n: one.edits.length }), one.edits.map((edit) => h("p", { class: "text" }, edit.text ?? ""))) : null,
        one.quoted ? details(t("message.quoted"), h("p", { class: "text" }, one.quoted)) : null,
        one.utterance && this.call ? this.calls.whose(one, this.call) : null,
        this.#attached(one),
      ),
    );
  }

  #sender(one) {
    if (one.sender === "unknown") return one.utterance?.label || term("sender", "unknown");
    return one.name && one.sender !== "bot" ? one.name : term("sender", one.sender);
  }

  #attached(one) {
    const place = `/api/v1/conversations/${this.conversation.id}`;
    const files = one.attachments.map((file) => attachment(file, place, this.me));
    const mail = this.conversation.channel === "email" && one.sender === "customer" && one.arrival;
    return [
      files.length ? h("ul", { class: "files", "aria-label": t("message.files") }, files) : null,
      mail
        ? h(
            "p",
            { class: "original" },
            one.html !== false ? h("button", { type: "button", class: "link", on: { click: () => this.#asItLooked(one) } }, t("message.as_it_looked")) : null,
            original(`${place}/messages/${one.id}/original`, `${one.id}.eml`, one.attachments, this.me, t("message.original")),
          )
        : null,
    ];
  }

  /** The mail as its sender laid it out, in a frame without scripts, origin or network. */
  async #asItLooked(one) {
    const address = `/api/v1/conversations/${this.conversation.id}/messages/${one.id}/html`;
    const there = await fetch(address, { method: "HEAD" }).catch(() => null);
    const dialog = h(
      "dialog",
      { class: "wide", "aria-label": t("message.as_it_looked") },
      h(
        "div",
        { class: "row" },
        h("p", { class: "muted" }, t("message.frame_note")),
        h("button", { type: "button", "aria-label": t("close"), class: "quiet", on: { click: () => dialog.close() } }, icon("close")),
      ),
      there?.ok
        ? h("iframe", { src: address, sandbox: "", referrerpolicy: "no-referrer", title: t("message.as_it_looked") })
        : h("p", { class: "empty" }, t("message.no_html")),
    );
    dialog.addEventListener("close", () => dialog.remove());
    document.body.append(dialog);
    dialog.showModal();
  }

  #scrolled() {
    this.atEnd = this.#near();
    if (this.atEnd) this.newer.hidden = true;
  }

  #near() {
    return !this.scroll || this.scroll.scrollHeight - this.scroll.scrollTop - this.scroll.clientHeight < NEAR;
  }

  #follow() {
    if (this.#near()) this.#toEnd();
  }

  #toEnd() {
    this.atEnd = true;
    this.scroll.scrollTop = this.scroll.scrollHeight;
    this.newer.hidden = true;
  }

  // who answers ----------------------------------------------------------------------------------------------

  async takeOver() {
    const one = this.conversation;
    if (!one || (one.owner === "agent" && one.agent === this.me.username)) return;
    const anothers = one.owner === "agent";
    if (anothers && !(await this.#sure(one.agent_name ?? one.agent))) return;
    await this.#change("take-over", { take_over: anothers });
    if (this.conversation?.agent === this.me.username) this.#write(false); // who takes over is about to answer
  }

  #sure(name) {
    return confirmed(t("conversation.take_from_sure", { name }), t("conversation.take_from", { name }), t("cancel"));
  }

  #mayGive(mine, anothers) {
    const supervises = this.me.scopes.some((scope) => ["supervise", "admin"].includes(scope));
    // whose life is in danger goes to the queue, which alarms everybody, and to nobody who may be away
    return this.agents.length > 1 && !this.conversation.urgent && (mine || !anothers || supervises);
  }

  async #snooze(how) {
    this.said.textContent = "";
    try {
      const changed = await (await import("./snooze.js"))[how](this.conversation.id);
      if (changed) this.#now(changed);
    } catch (error) {
      this.said.textContent = told(error);
    }
  }

  async #give() {
    const { give } = await import("./assign.js");
    const one = this.conversation;
    const given = await give(one, this.agents.filter(({ username }) => !(one.owner === "agent" && username === one.agent)));
    if (given) this.#now(given);
  }

  async #handBack(to) {
    const danger = this.conversation.urgent ? await (await import("./danger.js")).askDanger(to) : {};
    if (danger) await this.#change("hand-back", { to, ...danger });
  }

  async #change(what, body) {
    this.said.textContent = "";
    try {
      this.#now(await post(`/conversations/${this.conversation.id}/${what}`, body));
    } catch (error) {
      if (error instanceof Problem && error.code === "owned_by_another") {
        const name = error.document.agent_name ?? error.document.agent ?? "";
        await this.board.fetch(this.conversation.id, true);
        if (what === "take-over") {
          if (await this.#sure(name)) await this.#change(what, { take_over: true });
          return;
        }
      }
      this.said.textContent = told(error);
    }
  }

  #now(conversation) {
    if (this.conversation?.id === conversation.id) this.conversation = conversation;
    this.board.take(conversation);
  }

  // the answer -----------------------------------------------------------------------------------------------

  #draftKey() {
    return `qt.${this.noting ? "note" : "draft"}.${this.conversation.id}`;
  }

  #keepDraft() {
    const text = this.text.value;
    if (text) sessionStorage.setItem(this.#draftKey(), text);
    else sessionStorage.removeItem(this.#draftKey());
    this.#unsure = null;
    this.#renderHint();
  }

  #keyed(event) {
    // Enter makes a line: answers at a bank are letters. While an input method composes, no key is ours.
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && !event.isComposing && event.keyCode !== 229) {
      event.preventDefault();
      this.send.form.requestSubmit();
    }
  }

  #renderHint() {
    const one = this.conversation;
    const mine = one.owner === "agent" && one.agent === this.me.username;
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
    const id = this.conversation.id;
    this.send.disabled = true;
    this.said.textContent = "";
    // the same request under the same key: sent again after a lost answer, it is still said once
    this.#unsure ??= { key: crypto.randomUUID(), body: { text, after: this.#last(), take_over: from !== null } };
    try {
      await post(`/conversations/${id}/messages`, this.#unsure.body, this.#unsure.key);
      sessionStorage.removeItem(`qt.draft.${id}`);
      if (this.conversation?.id === id) {
        this.text.value = "";
        this.#advise();
        this.#unsure = null;
        await this.board.fetch(id, true);
        this.#toEnd();
      }
    } catch (error) {
      if (this.conversation?.id === id) await this.#refused(error);
    } finally {
      this.send.disabled = false;
      this.#renderHint();
    }
  }

  async #note(text) {
    const { id } = this.conversation;
    const key = this.#draftKey();
    this.send.disabled = true;
    this.said.textContent = "";
    this.#unsure ??= { key: crypto.randomUUID() };
    try {
      await this.notes.add(text, this.#unsure.key);
      sessionStorage.removeItem(key);
      if (this.conversation?.id === id) {
        this.text.value = "";
        this.#unsure = null;
        this.#toEnd();
      }
    } catch (error) {
      if (this.conversation?.id === id) this.said.textContent = `${told(error)} ${t("reply.kept")}`;
    } finally {
      this.send.disabled = false;
      this.#renderHint();
    }
  }

  #last() {
    return this.conversation.messages.at(-1)?.id ?? "0";
  }

  async #refused(error) {
    if (error instanceof Problem && error.status < 500) this.#unsure = null;
    if (error instanceof Problem && error.code === "moved_on") {
      await this.board.fetch(this.conversation.id, true);
      this.#toEnd();
      this.said.textContent = t("reply.moved_on", { n: error.document.newer?.length ?? 1 });
    } else if (error instanceof Problem && error.code === "owned_by_another") {
      const name = error.document.agent_name ?? error.document.agent ?? "";
      await this.board.fetch(this.conversation.id, true);
      if (await this.#sure(name)) {
        this.send.disabled = false;
        await this.#submit(null, name);
      } else {
        this.said.textContent = t("reply.not_sent", { name });
      }
    } else {
      this.said.textContent = `${told(error)} ${t("reply.kept")}`;
    }
  }
}

function details(summary, content) {
  return h("details", {}, h("summary", {}, summary), content);
}

/** How far our words have come; where a person is to tell them, with the way to the task. */
function delivery(state) {
  if (!state) return null;
  const bad = ["failed", "bounced", "unsure", "stopped", "not_sent"].includes(state.state);
  const mark = { delivered: "twice", sent: "check", told: "check", to_be_told: state.kind === "letter" ? "letter" : "phone" }[state.state];
  const word = term("delivery", state.state === "to_be_told" ? `to_be_told_${state.kind}` : state.state);
  return h(
    "span",
    { class: `delivery ${bad ? "bad" : state.state === "to_be_told" ? "waits" : ""}` },
    mark ? icon(mark) : bad ? icon("alert") : icon("clock"),
    h("span", {}, [word, state.how ? term("how", state.how) : ""].filter(Boolean).join(" · ")),
    state.state === "to_be_told" ? h("a", { href: `/console/tasks/${state.task}` }, t("message.to_task")) : null,
    state.error && state.state !== "sent" ? h("span", { class: "why" }, state.error) : null,
  );
}

customElements.define("qt-conversation", Conversation);
