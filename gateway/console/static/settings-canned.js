// Canned replies as a list: one's own and the house's, written in the dialog that the reply field opens too, with what each said before.

import { get } from "./api.js";
import { allCanned } from "./canned.js";
import { CannedDialog } from "./canned-dialog.js";
import { fill, h, opened } from "./dom.js";
import { shortly, whole } from "./formats.js";
import { told } from "./problems.js";
import { differing } from "./settings-versions.js";
import { LANGUAGES, t, term } from "./words.js";

class Canned extends HTMLElement {
  connectedCallback() {
    this.supervises = this.me.scopes.some((scope) => ["supervise", "admin"].includes(scope));
    this.load();
  }

  async load() {
    try {
      this.replies = await allCanned();
    } catch (error) {
      fill(this, h("p", { class: "empty", role: "alert" }, told(error)));
      return;
    }
    if (!this.isConnected) return;
    const search = h("input", { type: "search", id: "canned-list-search", autocomplete: "off", on: { input: () => this.#list(search.value) } });
    this.list = h("div", {});
    fill(this, h("div", { class: "row" }, h("h2", {}, t("settings_canned.title")), h("button", { type: "button", class: "strong", on: { click: () => this.#write(null) } }, t("settings_canned.add"))), h("p", { class: "muted" }, t("settings_canned.intro")), h("div", { class: "narrow" }, h("label", { for: search.id }, t("settings_canned.search")), search), this.list);
    this.#list("");
  }

  #list(written) {
    const wanted = written.trim().toLowerCase();
    const fits = (one) => !wanted || [one.name, one.shortcut ?? "", ...Object.values(one.texts)].some((text) => text.toLowerCase().includes(wanted));
    const group = (key, shared) => {
      const rows = this.replies.filter((one) => one.shared === shared && fits(one));
      return rows.length ? [h("h3", {}, t(key)), h("ul", { class: "picks" }, rows.map((one) => this.#row(one)))] : null;
    };
    fill(this.list, group("canned.house", true), group("canned.mine", false));
    if (!this.list.children.length) fill(this.list, h("p", { class: "empty" }, t(wanted ? "settings_canned.not_found" : "settings_canned.none")));
  }

  #row(one) {
    const languages = LANGUAGES.filter((tag) => one.texts[tag]).map((tag) => term("languages", tag));
    const text = one.texts[document.documentElement.lang] ?? Object.values(one.texts)[0];
    const may = !one.shared || this.supervises;
    return h(
      "li",
      {},
      h("button", { type: "button", class: "pick", on: { click: () => this.#write(one.id) } }, h("strong", {}, one.name, one.shortcut ? h("span", { class: "muted" }, `  /${one.shortcut}`) : null), h("span", { class: "muted brief" }, text), h("span", { class: "hint" }, [languages.join(t("list_comma")), one.changed_by, shortly(one.updated_at), may ? "" : t("settings_canned.read_only")].filter(Boolean).join(" · "))),
      h("button", { type: "button", class: "quiet", "aria-label": t("settings_canned.history_of", { name: one.name }), on: { click: () => this.#history(one) } }, t("settings_canned.history")),
    );
  }

  async #write(id) {
    await new CannedDialog({ me: this.me, replies: this.replies }).open(id);
    await this.load();
  }

  async #history(one) {
    const body = h("div", { class: "whole" }, h("p", { class: "muted" }, t("loading")));
    const dialog = h("dialog", { class: "wide", "aria-labelledby": "canned-history-title" }, h("h2", { id: "canned-history-title" }, t("settings_canned.history_of", { name: one.name })), body, h("div", { class: "row end" }, h("button", { type: "button", on: { click: () => dialog.close() } }, t("close"))));
    opened(dialog);
    try {
      const { items } = await get(`/canned/${one.id}/history`);
      fill(body, h("ul", { class: "history" }, items.map((entry) => h("li", {}, h("p", {}, h("strong", {}, t("settings_canned.version", { n: entry.version })), " ", h("span", { class: "muted" }, [t(`settings_canned.${entry.action}`), entry.by, whole(entry.at)].join(" · "))), differing(entry.diff)))));
    } catch (error) {
      fill(body, h("p", { class: "said", role: "alert" }, told(error)));
    }
  }
}

customElements.define("qt-settings-canned", Canned);
