// What waits for a person beside the conversations: the manner of such lists, and arrivals that could not be read.

import { get, Order, post } from "./api.js";
import { original } from "./attachments.js";
import { fill, h, icon, keyed, say } from "./dom.js";
import { moment, size, whole } from "./formats.js";
import "./postroom.js";
import { told } from "./problems.js";
import { t, term } from "./words.js";

const TRIES = 40; // about a minute: a mail may take all the time that reading is given

export class Work extends HTMLElement {
  live = null;
  me = null;
  order = new Order();

  connectedCallback() {
    this.list = h("ul", { class: "cards" });
    this.empty = h("p", { class: "empty" }, t("loading"));
    this.said = h("p", { class: "said", role: "alert" });
    fill(this, h("div", { class: "scroll page" }, (this.heading = h("h2", { tabindex: "-1" }, t(`${this.kind}.title`))), h("p", { class: "muted" }, t(`${this.kind}.about`)), this.said, this.extra(), this.list, this.empty));
    this.live.addEventListener("changed", this.changed);
    this.live.addEventListener("reload", this.load);
    this.load();
  }

  disconnectedCallback() {
    this.live.removeEventListener("changed", this.changed);
    this.live.removeEventListener("reload", this.load);
  }

  extra() {
    return null;
  }

  /** What a card has to be made anew for. */
  signature() {
    return "";
  }

  changed = ({ detail }) => {
    if (detail.kind === this.hint) this.load();
  };

  load = async () => {
    const turn = this.order.ask();
    try {
      const { items } = await get(this.path);
      await this.prepare?.(items);
      if (this.order.isLate(turn)) return;
      this.empty.hidden = items.length > 0;
      say(this.empty, t(`${this.kind}.none`));
      const held = this.list.querySelector(":scope > :focus-within, :scope > :focus");
      keyed(this.list, items, { key: (one) => one.id, signature: (one) => this.signature(one), make: (one) => h("li", { class: "card", "data-id": one.id, tabindex: "-1" }, this.card(one)) });
      if (held && !held.isConnected) this.taken(held);
      this.shown?.(items);
    } catch (error) {
      this.said.textContent = told(error);
    }
  };

  /** A card has gone from under the reader's hands: a colleague was quicker. */
  taken() {
    this.goOn();
  }

  /** The focus that went with what is done goes to the first of these that is still there, or to the heading. */
  goOn(...places) {
    if (document.activeElement && document.activeElement !== document.body) return;
    (places.find((one) => one?.isConnected) ?? this.heading).focus();
  }

  /** Where to go on from this button once its card is done. */
  places(button) {
    const card = button.closest("li");
    return card ? [button, card, card.nextElementSibling, card.previousElementSibling] : [button];
  }
}

class Parked extends Work {
  kind = "parked";
  items = [];
  hint = "parked";
  path = "/parked";

  extra() {
    this.all = h("button", { type: "button", hidden: true, on: { click: () => this.#again(null) } }, t("parked.read_all"));
    this.others = h("qt-postroom", {});
    this.others.me = this.me;
    this.others.others().catch(() => {});
    return h("p", {}, this.all);
  }

  connectedCallback() {
    super.connectedCallback();
    this.firstElementChild.append(this.others);
  }

  shown(items) {
    this.items = items;
    this.all.hidden = !this.#may || items.length < 2;
  }

  get #may() {
    return this.me.scopes.some((scope) => ["supervise", "admin"].includes(scope));
  }

  card(one) {
    return [
      h("p", { class: "meta" }, icon(one.channel, term("channels", one.channel)), h("strong", {}, one.sender ?? t("parked.sender_unknown")), h("time", { datetime: one.received_at, title: whole(one.received_at) }, moment(one.received_at)), h("span", { class: "muted" }, size(one.size))),
      one.subject ? h("p", { class: "text" }, one.subject) : null,
      h("p", { class: "flag" }, icon("alert"), term("unreadable", one.why)),
      one.reason ? h("details", {}, h("summary", {}, t("parked.technical")), h("p", { class: "text reason", lang: "en" }, one.reason)) : null,
      h("p", { class: "original" }, original(`/api/v1/arrivals/${one.id}/original`, `${one.id}.eml`, [], this.me, [icon("clip"), t("message.original")])),
      this.#may ? h("div", { class: "row end" }, h("button", { type: "button", on: { click: () => this.#again(one.id) } }, t("parked.read_again"))) : h("p", { class: "muted" }, t("parked.supervisor")),
    ];
  }

  async #again(id) {
    const ids = id ? [id] : this.items.map((one) => one.id);
    const places = id ? this.places(this.list.querySelector(`[data-id="${CSS.escape(id)}"] button`)) : [this.all];
    fill(this.said);
    try {
      await post("/parked/replay", id ? { id } : {});
      say(this.said, t("parked.under_way"));
      await this.load();
      fill(this.said, await this.#outcome(ids));
    } catch (error) {
      this.said.textContent = told(error);
    }
    await this.load();
    this.goOn(...places);
  }

  /** What became of it, once each has been read or put aside again. */
  async #outcome(ids) {
    for (let tries = 0; tries < TRIES; tries += 1) {
      await new Promise((later) => setTimeout(later, tries < 5 ? 300 : 1_500));
      const { items } = await get(`/arrivals?ids=${ids.join(",")}`);
      const again = items.filter((one) => one.state === "parked");
      const read = items.filter((one) => one.state === "read");
      if (again.length + read.length < ids.length) continue;
      const links = read.filter((one) => one.conversation).map((one) => [" ", h("a", { href: `/console/conversations/${one.conversation}` }, t("case.to_conversation"))]);
      if (ids.length > 1) return t("parked.outcome", { read: read.length, again: again.length });
      return read.length ? [t("parked.was_read"), links] : t("parked.not_read", { why: term("unreadable", again[0].why) });
    }
    return t("parked.not_yet");
  }
}

customElements.define("qt-parked", Parked);
