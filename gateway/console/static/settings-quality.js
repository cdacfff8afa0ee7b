// Score sheets about one's own cases: read, and answered once.

import { get } from "./api.js";
import { fill, h } from "./dom.js";
import { shortly } from "./formats.js";
import { told } from "./problems.js";
import { sheet } from "./sections.js";
import { sheetOf } from "./supervise-sheet.js";
import { room, t, term } from "./words.js";

class Own extends HTMLElement {
  async connectedCallback() {
    sheet("supervise-quality.css");
    this.room = h("div", { class: "quality-room" });
    fill(this, h("h2", {}, t("settings_quality.title")), h("p", { class: "hint" }, t("settings_quality.about")), this.room);
    this.live.addEventListener("changed", this.#changed);
    await room("quality-sheet");
    this.#list();
  }

  disconnectedCallback() {
    this.live.removeEventListener("changed", this.#changed);
  }

  #changed = ({ detail }) => detail.kind === "quality" && !this.open && this.#list();

  async #list() {
    this.open = null;
    try {
      const { items } = await get("/quality/mine");
      if (!this.open) fill(this.room, items.length ? h("ul", { class: "cards" }, items.map((one) => this.#card(one))) : h("p", { class: "empty" }, t("settings_quality.none")));
    } catch (error) {
      fill(this.room, h("p", { class: "empty", role: "alert" }, told(error)));
    }
  }

  #card(one) {
    return h(
      "li",
      { class: "card" },
      h("p", { class: "meta" }, h("button", { type: "button", class: "link", on: { click: () => this.#show(one.id) } }, h("strong", {}, one.reference)), h("span", { class: "score" }, one.score === null ? "—" : t("quality_sheet.score", { score: one.score })), one.seen_at ? null : h("span", { class: "tag reason" }, t("settings_quality.fresh")), one.statement ? h("span", { class: "tag" }, t("settings_quality.stated")) : null),
      h("p", { class: "muted" }, [t("settings_quality.by", { name: one.reviewer_name, time: shortly(one.handed_in_at) }), term("channels", one.channel)].join(" · ")),
    );
  }

  #show(id) {
    this.open = id;
    fill(this.room, sheetOf(id, { me: this.me, back: () => this.#list() }));
  }
}

customElements.define("qt-settings-quality", Own);
