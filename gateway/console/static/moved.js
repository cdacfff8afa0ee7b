// What has come since an answer was begun: words of the customer or a colleague, or another who answers. Kept with the draft, in this tab.
//
// Not here: that the gateway refuses an answer to what has moved on (composer.js); private notes, which nobody can send blindly.

import { confirmed, fill, h, icon } from "./dom.js";
import { moment } from "./formats.js";
import { t, term } from "./words.js";

export class Moved {
  #conversation = null;
  #asked = 0; // up to which message it was asked whether to send all the same
  #accepted = 0; // up to which it is to be sent whatever has been on the screen

  /** `thread` knows what has been on the screen; `me` is whose own words are no news. */
  constructor({ id, thread, me }) {
    Object.assign(this, { thread, me });
    this.key = `qt.begun.${id}`;
    this.begun = JSON.parse(sessionStorage.getItem(this.key));
    this.node = h("div", { class: "moved", role: "status", hidden: true });
  }

  /** The conversation as it is now. */
  update(conversation) {
    this.#conversation = conversation;
    this.#render();
  }

  /** An answer is being written: what comes from now on is news to whoever writes it. */
  begin() {
    if (!this.begun && this.#conversation) this.#keepNow();
  }

  /** The answer was begun on another page, and last written then. */
  beganAt(at) {
    if (!this.#conversation) return;
    const before = this.#conversation.messages.filter((one) => one.at <= at);
    const { owner, agent } = this.#conversation;
    this.begun = { after: Number(before.at(-1)?.id ?? 0), owner: [owner, agent] };
    sessionStorage.setItem(this.key, JSON.stringify(this.begun));
    this.#render();
  }

  /** There is no answer any more, or it was read what came: nothing is news. */
  end() {
    this.begun = null;
    sessionStorage.removeItem(this.key);
    this.#render();
  }

  #keepNow() {
    const { owner, agent } = this.#conversation;
    this.begun = { after: this.#last, owner: [owner, agent] };
    sessionStorage.setItem(this.key, JSON.stringify(this.begun));
    this.#render();
  }

  get #last() {
    return Number(this.#conversation.messages.at(-1)?.id ?? 0);
  }

  /** Others' words behind this one. A call's come faster than anybody writes, and are heard. */
  #behind(number) {
    const { call, messages } = this.#conversation;
    if (call) return [];
    return messages.filter((one) => Number(one.id) > number && one.sender !== "system" && !(one.sender === "agent" && one.name === this.me.name));
  }

  get #news() {
    return this.begun ? this.#behind(this.begun.after) : [];
  }

  get #otherOwner() {
    if (!this.begun) return false;
    const { owner, agent } = this.#conversation;
    return JSON.stringify([owner, agent]) !== JSON.stringify(this.begun.owner) && agent !== this.me.username;
  }

  /** The last message that may be answered: what was on the screen, or what it was said of that it need not be. */
  after() {
    if (this.#conversation.call) return String(this.#last);
    return String(Math.max(Number(this.thread.after()), this.#accepted));
  }

  #told() {
    const { owner, agent, agent_name } = this.#conversation;
    const news = this.#news;
    const words = news.length ? [this.#tells(news.length > 1 ? "several" : "one", news)] : [];
    if (this.#otherOwner) words.push(t(`moved.owner_${owner}`, { name: agent_name ?? agent ?? "" }));
    return words.join(" ");
  }

  #tells(how, news) {
    return t(`moved.${how}`, { n: news.length, name: this.#who(news.at(-1)), time: moment(news.at(-1).at) });
  }

  #who(one) {
    if (one.sender === "customer") return this.#conversation.customer || term("sender", "customer");
    return one.sender === "agent" ? (one.name ?? term("sender", "agent")) : term("sender", one.sender);
  }

  #render() {
    const told = this.begun ? this.#told() : "";
    this.node.hidden = !told;
    if (told === this.said) return; // what is read out is read out once
    this.said = told;
    fill(
      this.node,
      told && [icon("alert"), h("p", {}, told), h("button", { type: "button", class: "link", on: { click: () => this.read() } }, t(this.#news.length ? "moved.show" : "moved.seen"))],
    );
  }

  /** Goes to the first of it; from then on it is no news. */
  read() {
    const [first] = this.#news.length ? this.#news : this.#behind(Number(this.thread.after()));
    if (first) this.thread.toMessage(first.id);
    this.#asked = this.#last;
    if (this.begun) this.#keepNow();
  }

  /** The gateway has refused the answer for what came meanwhile: that is as good as a question. */
  refused() {
    this.#asked = this.#last;
  }

  /** Whether to send. Asked once where something came, or was never on the screen. */
  async sure() {
    const last = this.#last;
    const unseen = this.#behind(Number(this.thread.after()));
    const left = this.#otherOwner && this.#conversation.owner !== "agent"; // of another agent's it is asked whether to take it over
    if (!this.#news.length && !unseen.length && !left) return true;
    if (!left && last <= this.#asked) {
      this.#accepted = last;
      return true;
    }
    const told = this.#news.length || left ? this.#told() : this.#tells("unseen", unseen);
    const all = await confirmed(t("moved.sure", { told }), t("moved.send"), t("moved.read"));
    this.#asked = last;
    if (all) this.#accepted = last;
    else this.read();
    return all;
  }
}
