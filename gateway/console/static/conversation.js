// One conversation: who has it and what is done with it. What was said is the thread's (thread.js), what is written next the composer's (composer.js).

import { post, Problem } from "./api.js";
import { snoozed } from "./board.js";
import { confirmed, fill, h, icon } from "./dom.js";
import { shortly, since } from "./formats.js";
import { bind } from "./keys.js";
import { doings, sign } from "./presence.js";
import { told } from "./problems.js";
import { tellAfar } from "./toast.js";
import { room, t, term } from "./words.js";

/** What a conversation is shown with, fetched together with the first one. */
async function parts() {
  const [{ Thread }, { Composer }, { Calling, Notes }] = await Promise.all([import("./thread.js"), import("./composer.js"), import("./notes.js"), room("replying")]);
  return { Thread, Composer, Calling, Notes };
}

class Conversation extends HTMLElement {
  board = null;
  live = null;
  presence = null;
  me = null;
  agents = [];
  back = () => {};
  toggleCase = () => {};
  conversation = null;

  connectedCallback() {
    this.board.addEventListener("fresh", this.#fresh);
    this.live.addEventListener("typing", this.#typing);
    this.presence.addEventListener("change", this.#somebody);
    this.letGo = bind({ t: () => this.takeOver(), r: () => this.composer?.write(false), m: () => this.composer?.write(true), c: () => this.toggleCase() });
    fill(this, h("p", { class: "empty" }, t("conversation.none")));
  }

  disconnectedCallback() {
    this.board.removeEventListener("fresh", this.#fresh);
    this.live.removeEventListener("typing", this.#typing);
    this.presence.removeEventListener("change", this.#somebody);
    this.letGo();
    this.wanted = null; // what comes for it from now on is shown to nobody, and must not be written into whoever's tab this is then
    this.#close();
  }

  /** Lets go of the conversation that was shown: what is typed while the next one comes must not go into the field of the last. */
  #close() {
    this.call?.end();
    this.composer?.letGo();
    this.thread?.letGo();
    this.conversation = this.call = this.thread = this.composer = null;
  }

  async show(id) {
    if (this.conversation?.id === id) return this.#point();
    this.wanted = id;
    this.#close();
    if (!id) {
      fill(this, h("p", { class: "empty" }, t("conversation.none")));
      return;
    }
    fill(this, h("p", { class: "empty", role: "status" }, t("loading")));
    try {
      const [found, made] = await Promise.all([this.board.fetch(id), this.parts ?? parts()]);
      this.parts = made;
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
    if (this.conversation && detail.id === this.conversation.id) this.thread.customerTypes(detail.active);
  };

  #somebody = ({ detail }) => {
    if (this.conversation && detail.ids.includes(this.conversation.id)) this.#renderPresent();
  };

  /** Which colleagues have it open: two who answer one customer notice before they send. */
  #renderPresent() {
    const present = this.presence.of(this.conversation.id);
    if (this.present.sign === sign(present)) return;
    this.present.sign = sign(present);
    fill(this.present, doings(present));
    this.composer.somebody(present);
  }

  // the parts ------------------------------------------------------------------------------------------------

  #open(conversation) {
    const { Thread, Composer, Calling, Notes } = this.parts;
    this.conversation = conversation;
    this.notes = new Notes({ conversation: conversation.id, changed: () => this.conversation?.id === conversation.id && this.#render() });
    this.head = h("header", { class: "head" });
    this.present = h("p", { class: "present", role: "status" });
    this.thread = new Thread({ conversation, me: this.me, notes: this.notes });
    this.composer = new Composer({ talk: this, thread: this.thread, notes: this.notes, calling: Calling });
    if (conversation.call) this.call = this.#callPanel();
    Object.assign(this.thread, { call: this.call, calls: this.calls });
    fill(this, this.head, this.call?.node, this.thread.node, this.composer.node);
    this.#render();
    if (conversation.call?.state === "ended") this.thread.toStart(); // a call is read from its beginning
    else this.thread.toEnd();
    this.#point();
    this.notes.load();
    this.masks ??= import("./masked.js").then(({ watchMasks }) => watchMasks(this, () => this.conversation && `/conversations/${this.conversation.id}`)).catch(() => (this.masks = null));
  }

  /** Words that the page's address names are shown and marked. */
  #point() {
    if (location.hash.startsWith("#words=")) import("./marking.js").then(({ mark }) => mark(this) && (this.thread.atEnd = false));
  }

  #callPanel() {
    const { thread } = this;
    let touched = 0;
    for (const event of ["wheel", "touchmove", "keydown"]) thread.scroll.addEventListener(event, () => (touched = Date.now()), { passive: true });
    return new this.calls.CallPanel({
      me: this.me,
      marks: (id, follows) => thread.mark(id, follows),
      changed: () => this.board.fetch(this.conversation.id, true),
      scrolled: () => touched,
      redraw: () => this.#render(),
    });
  }

  /** Plays the call from a second that something else speaks of. */
  playFrom(second) {
    this.call?.playFrom(second);
  }

  #render() {
    this.#renderHead();
    this.#renderPresent();
    this.call?.update(this.conversation);
    this.thread.update(this.conversation);
    this.composer.update();
  }

  #renderHead() {
    const one = this.conversation;
    const mine = one.owner === "agent" && one.agent === this.me.username;
    const anothers = one.owner === "agent" && !mine;
    const sign = JSON.stringify([one.owner, one.agent, one.customer, one.address, one.references, one.waiting_since, one.urgent, one.subject, one.language, one.call?.state, this.agents.length, one.snoozed_until, snoozed(one), this.#maySplit()]);
    if (this.head.sign === sign) return;
    this.head.sign = sign;
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
          [term("channels", one.channel), one.address, term("languages", one.language), ...one.references, one.subject].filter(Boolean).join(" · "),
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
          this.present,
          h("button", { type: "button", class: "link", "data-act": "history", on: { click: () => this.#history() } }, t("history.open")),
          this.#maySplit() ? h("button", { type: "button", class: "link", "data-act": "split", on: { click: () => this.#split() } }, t(one.case ? "split.open" : "split.make")) : null,
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
    const one = this.conversation;
    try {
      const { History } = await import("./history.js");
      await new History(one.id).open();
    } catch (error) {
      this.#failed(one, error);
    }
  }

  /** Where there is more than one message of the customer's, or no case yet. */
  #maySplit() {
    const said = this.conversation.messages.filter((one) => one.sender === "customer").length;
    return this.me.scopes.includes("cases:write") && said > (this.conversation.case ? 1 : 0);
  }

  async #split() {
    const one = this.conversation;
    const { split } = await import("./splitting.js");
    const made = await split(one);
    if (!made) return;
    this.#tell(one, t("split.done", { reference: made.reference }));
    await this.board.fetch(one.id, true);
  }

  // who answers ----------------------------------------------------------------------------------------------

  async takeOver() {
    const one = this.conversation;
    if (!one || !this.me.scopes.includes("conversations:write") || (one.owner === "agent" && one.agent === this.me.username)) return;
    const anothers = one.owner === "agent";
    if (anothers && !(await this.sure(one.agent_name ?? one.agent))) return;
    await this.#change(one, "take-over", { take_over: anothers });
    // who takes over is about to answer; who has begun to write elsewhere meanwhile goes on there
    if (this.#shows(one) && this.conversation.agent === this.me.username && !document.activeElement.matches("input, textarea, select")) this.composer.write(false);
  }

  /** Whether it is still the one that is shown: whoever waits for an answer may have gone on to the next. */
  #shows(one) {
    return this.conversation?.id === one.id;
  }

  /** What went wrong with a conversation, where its agent is by now. */
  #failed(one, error) {
    const anothers = error instanceof Problem && error.code === "owned_by_another";
    const words = anothers ? t("conversation.anothers", { name: error.document.agent_name ?? error.document.agent ?? "" }) : told(error);
    this.#tell(one, words);
  }

  #tell(one, words) {
    if (this.#shows(one)) this.composer.tell(words);
    else tellAfar(one, words);
  }

  /** Asks whether it is to be taken from the colleague who answers it. */
  sure(name) {
    return confirmed(t("conversation.take_from_sure", { name }), t("conversation.take_from", { name }), t("cancel"));
  }

  #mayGive(mine, anothers) {
    const supervises = this.me.scopes.some((scope) => ["supervise", "admin"].includes(scope));
    // whose life is in danger goes to the queue, which alarms everybody, and to nobody who may be away
    return this.agents.length > 1 && !this.conversation.urgent && (mine || !anothers || supervises);
  }

  async #snooze(how) {
    const one = this.conversation;
    this.composer?.tell("");
    try {
      const snooze = await import("./snooze.js");
      if (!this.#shows(one)) return;
      const changed = await snooze[how](one.id);
      if (changed) this.#now(changed);
    } catch (error) {
      this.#failed(one, error);
    }
  }

  async #give() {
    const one = this.conversation;
    const { give } = await import("./assign.js");
    if (!this.#shows(one)) return;
    const given = await give(one, this.agents.filter(({ username }) => !(one.owner === "agent" && username === one.agent)), this.me);
    if (given) this.#now(given);
  }

  async #handBack(to) {
    const one = this.conversation;
    const { askDanger } = one.urgent ? await import("./danger.js") : { askDanger: () => ({}) };
    if (!this.#shows(one)) return;
    const danger = await askDanger(to);
    if (danger) await this.#change(one, "hand-back", { to, ...danger });
  }

  async #change(one, what, body) {
    this.composer?.tell("");
    try {
      this.#now(await post(`/conversations/${one.id}/${what}`, body));
    } catch (error) {
      if (error instanceof Problem && error.code === "owned_by_another") {
        const name = error.document.agent_name ?? error.document.agent ?? "";
        await this.board.fetch(one.id, true);
        if (what === "take-over" && this.#shows(one)) {
          if (await this.sure(name)) await this.#change(one, what, { take_over: true });
          return;
        }
      }
      this.#failed(one, error);
    }
  }

  #now(conversation) {
    if (this.conversation?.id === conversation.id) this.conversation = conversation;
    this.board.take(conversation);
  }
}

customElements.define("qt-conversation", Conversation);
