// Conversations that come by turn: whether whoever sits here takes any, what has just come, and that it was looked at.

import { me, post } from "./api.js";
import { fill, h, icon, nothingHasFocus, say } from "./dom.js";
import { told } from "./problems.js";
import { t, term } from "./words.js";

/** The control in the frame, and the line beneath it. `shown` answers the id of the conversation that is open. */
export class Turns {
  #told = new Set();
  #opening = new Set();

  constructor({ live, board, who, open, shown }) {
    Object.assign(this, { live, board, who, open, shown, takes: who.takes, asked: null });
    this.state = h("span", {});
    this.button = h("button", { type: "button", class: "quiet turns", on: { click: () => this.#toggle() } }, h("span", { class: "lamp" }), this.state);
    this.line = h("div", { class: "given", role: "status", hidden: true });
    this.#tell();
    board.addEventListener("change", this.look);
    board.addEventListener("fresh", this.look);
    live.addEventListener("changed", this.#changed);
    live.addEventListener("reload", this.#reload);
    document.addEventListener("visibilitychange", this.look);
  }

  stop() {
    this.board.removeEventListener("change", this.look);
    this.board.removeEventListener("fresh", this.look);
    this.live.removeEventListener("changed", this.#changed);
    this.live.removeEventListener("reload", this.#reload);
    document.removeEventListener("visibilitychange", this.look);
  }

  async #toggle() {
    const wanted = !this.takes;
    this.button.disabled = true;
    this.asked = wanted;
    this.words = "";
    try {
      ({ takes: this.takes } = await post("/agents/me/availability", { takes: wanted }));
    } catch (error) {
      this.words = told(error);
    }
    this.button.disabled = false;
    if (nothingHasFocus()) this.button.focus();
    this.#tell();
    this.look();
  }

  #changed = ({ detail }) => detail.kind === "availability" && this.#reload();

  #reload = async () => {
    const found = await me().catch(() => null);
    if (!found || found.takes === this.takes) return;
    // said in another window, or by the house: one that was not opened in time
    this.words = this.takes && !found.takes && this.asked !== false ? t("by_turn.sent_away") : "";
    this.takes = found.takes;
    this.asked = null;
    this.#tell();
    this.look();
  };

  #tell() {
    const state = this.takes ? "takes" : "away";
    this.button.classList.toggle("takes", this.takes);
    say(this.state, t(`by_turn.${state}`));
    this.button.title = t(`by_turn.${state}_long`);
    this.button.setAttribute("aria-label", `${t(`by_turn.${state}`)}. ${t(`by_turn.${state}_long`)}`);
  }

  /** What has come and was not looked at. What is open before somebody's eyes is looked at. */
  look = () => {
    const come = this.board.of("mine").filter((one) => one.given_at);
    const open = document.hidden ? null : this.shown();
    come.filter((one) => one.id === open).forEach((one) => this.#opened(one));
    const rest = come.filter((one) => one.id !== open);
    rest.forEach((one) => this.#notify(one));
    const sign = JSON.stringify([rest.map((one) => [one.id, one.customer]), this.words]);
    if (sign === this.sign) return;
    this.sign = sign;
    this.line.hidden = !rest.length && !this.words;
    this.line.classList.toggle("warns", Boolean(this.words));
    fill(this.line, this.words ? h("span", {}, this.words) : null, rest.length ? h("span", {}, t("by_turn.come")) : null, rest.map((one) => this.#link(one)));
  };

  #link(one) {
    return h("a", { href: `/console/conversations/${one.id}` }, icon(one.channel, term("channels", one.channel)), one.customer || t("conversation.nameless"));
  }

  async #opened(one) {
    if (this.#opening.has(one.id)) return;
    this.#opening.add(one.id);
    try {
      this.board.take(await post(`/conversations/${one.id}/opened`, {}));
    } catch {
      await this.board.fetch(one.id, true); // it may have gone back in this very moment
    }
    this.#opening.delete(one.id);
  }

  #notify(one) {
    const key = `${one.id} ${one.given_at}`;
    if (this.#told.has(key)) return;
    this.#told.add(key);
    if (!document.hidden || !("Notification" in window) || Notification.permission !== "granted") return;
    // no name and no word of the customer: a notification lies on a screen that others may see
    const note = new Notification(t("by_turn.come"), { body: t("alarm.open"), tag: one.id, silent: true });
    note.addEventListener("click", () => {
      focus();
      this.open(one.id);
      note.close();
    });
  }
}
