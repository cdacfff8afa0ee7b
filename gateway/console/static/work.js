// What waits for a person beside the conversations: the manner of such lists, and arrivals that could not be read.

import { get, post } from "./api.js";
import { fill, h, icon, keyed, say } from "./dom.js";
import { moment, size, whole } from "./formats.js";
import "./postroom.js";
import { told } from "./problems.js";
import { t } from "./words.js";

export class Work extends HTMLElement {
  live = null;
  me = null;

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
    try {
      const { items } = await get(this.path);
      await this.prepare?.(items);
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
  hint = "parked";
  path = "/parked";

  extra() {
    this.all = h("button", { type: "button", hidden: true, on: { click: () => this.#again(null) } }, t("parked.read_all"));
    this.others = h("qt-postroom", {});
    this.others.others().catch(() => {});
    return h("p", {}, this.all);
  }

  connectedCallback() {
    super.connectedCallback();
    this.firstElementChild.append(this.others);
  }

  shown(items) {
    this.all.hidden = !this.#may || items.length < 2;
  }

  get #may() {
    return this.me.scopes.some((scope) => ["supervise", "admin"].includes(scope));
  }

  card(one) {
    return [
      h("p", { class: "meta" }, icon(one.channel), h("strong", {}, one.account), h("time", { datetime: one.received_at, title: whole(one.received_at) }, moment(one.received_at)), h("span", { class: "muted" }, size(one.size))),
      h("p", { class: "text reason" }, one.reason ?? ""),
      h("p", { class: "original" }, h("a", { href: `/api/v1/arrivals/${one.id}/original`, download: `${one.id}.eml` }, icon("clip"), t("message.original"))),
      this.#may ? h("div", { class: "row end" }, h("button", { type: "button", on: { click: () => this.#again(one.id) } }, t("parked.read_again"))) : h("p", { class: "muted" }, t("parked.supervisor")),
    ];
  }

  async #again(id) {
    this.said.textContent = "";
    try {
      await post("/parked/replay", id ? { id } : {});
      this.said.textContent = t("parked.under_way");
    } catch (error) {
      this.said.textContent = told(error);
    }
    await this.load();
  }
}

customElements.define("qt-parked", Parked);
