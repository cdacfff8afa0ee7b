// Who gets a copy of an answer by mail: chosen among other proved contacts of the case, seen by everybody who gets it. There is no hidden copy.

import { get } from "./api.js";
import { fill, h, icon } from "./dom.js";
import { t } from "./words.js";

export class Copies {
  constructor(composer) {
    this.composer = composer;
    this.place = `qt.cc.${composer.id}`;
    this.add = h("button", { type: "button", class: "link", "aria-haspopup": "menu", "aria-expanded": "false", on: { click: () => this.#choose() } }, t("replying.copy_add"));
    this.list = h("ul", { class: "readers", "aria-label": t("replying.copies") });
    this.node = h("div", { class: "copies", hidden: true }, this.list, this.add);
  }

  get chosen() {
    return JSON.parse(sessionStorage.getItem(this.place) ?? "[]");
  }

  #keep(chosen) {
    if (chosen.length) sessionStorage.setItem(this.place, JSON.stringify(chosen));
    else sessionStorage.removeItem(this.place);
  }

  #set(chosen) {
    this.#keep(chosen);
    this.composer.changed(); // with other readers it is another request
    this.update();
  }

  update() {
    const { noting, text, conversation } = this.composer;
    const { chosen } = this;
    const byMail = conversation.channel === "email" && conversation.case && !conversation.unreachable;
    this.node.hidden = noting || !(chosen.length || (byMail && text.value.trim()));
    this.add.hidden = !byMail;
    const sign = JSON.stringify(chosen);
    if (this.list.sign === sign) return;
    this.list.sign = sign;
    this.list.hidden = !chosen.length;
    fill(this.list, chosen.map((address) => this.#reader(address)));
  }

  #reader(address) {
    const words = t("replying.copy_remove", { address });
    const remove = () => {
      this.#set(this.chosen.filter((one) => one !== address));
      (this.add.hidden ? this.composer.text : this.add).focus();
    };
    return h("li", {}, h("span", { class: "name" }, t("replying.copy_to", { address })), h("button", { type: "button", class: "quiet", "aria-label": words, title: words, on: { click: remove } }, icon("close")));
  }

  async #choose() {
    try {
      const { items } = await get(`/conversations/${this.composer.id}/readers`);
      const rest = items.filter((one) => !this.chosen.includes(one.address));
      if (!rest.length) {
        this.composer.tell(t(items.length ? "replying.copy_all" : "replying.copy_nobody"));
        return;
      }
      const { openMenu } = await import("./sending-menu.js");
      const address = await openMenu(this.add, rest.map((one) => [one.address, one.name ? `${one.name} · ${one.address}` : one.address]), t("replying.copy_add"), t("replying.copy_seen"));
      if (address) this.#set([...this.chosen, address]);
    } catch (error) {
      this.composer.failed(error);
    }
  }

  body() {
    return this.chosen.length ? { cc: this.chosen } : {};
  }

  sent() {
    this.#keep([]);
    this.update();
  }
}
