// What must not be overlooked: danger to life, and how many wait. Shown and written in the title, never sounded.

import { fill, h, icon } from "./dom.js";
import { since } from "./formats.js";
import { t, term } from "./words.js";

export class Alarm {
  #told = new Set();
  #title = document.title;

  constructor(board, open) {
    this.board = board;
    this.open = open;
    this.bar = h("div", { class: "alarms", role: "alert" });
    board.addEventListener("change", this.render);
    this.ticking = setInterval(this.render, 15_000);
  }

  stop() {
    this.board.removeEventListener("change", this.render);
    clearInterval(this.ticking);
    document.title = this.#title;
  }

  render = () => {
    const urgent = this.board.urgent();
    const waiting = this.board.of("queue").length;
    document.title = urgent.length ? `⚠ ${t("alarm.title", { n: urgent.length })} · ${this.#title}` : waiting ? `(${waiting}) ${this.#title}` : this.#title;
    const sign = urgent.map((one) => `${one.id} ${since(one.waiting_since)}`).join(",");
    if (sign === this.sign) return;
    this.sign = sign;
    fill(this.bar, urgent.map((one) => this.#row(one)));
    for (const id of this.#told) if (!urgent.some((one) => one.id === id)) this.#told.delete(id); // given back, it is told again
    urgent.forEach((one) => this.#notify(one));
  };

  #row(one) {
    return h(
      "a",
      { class: "alarm", href: `/console/conversations/${one.id}` },
      icon("alert"),
      h("strong", {}, term("waiting_reasons", one.waiting_reason ?? "danger_to_life")),
      h("span", {}, one.customer || t("conversation.nameless")),
      h("span", {}, t("queue.waiting", { time: since(one.waiting_since) })),
      h("span", { class: "go" }, t("alarm.open")),
    );
  }

  #notify(one) {
    if (this.#told.has(one.id)) return;
    this.#told.add(one.id);
    if (!("Notification" in window) || Notification.permission !== "granted") return;
    // no name and no word of the customer: a notification lies on a screen that others may see
    const note = new Notification(term("waiting_reasons", one.waiting_reason ?? "danger_to_life"), { body: t("alarm.open"), tag: one.id, requireInteraction: true, silent: true });
    note.addEventListener("click", () => {
      focus();
      this.open(one.id);
      note.close();
    });
  }
}
