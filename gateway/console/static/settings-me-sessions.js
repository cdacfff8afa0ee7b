// Where one is signed in; each of the others can be ended.

import { call, get, post } from "./api.js";
import { fill, h } from "./dom.js";
import { moment, whole } from "./formats.js";
import { told } from "./problems.js";
import { t } from "./words.js";

const PLACE = "/agents/me/sessions";

export class Sessions {
  constructor() {
    this.list = h("ul", { class: "sessions" });
    this.said = h("p", { class: "said", role: "alert" });
    this.others = h("div", { hidden: true }, h("button", { type: "button", on: { click: () => this.#do(() => post(`${PLACE}/end-others`, {})) } }, t("settings_me.end_others")));
    this.node = h("section", { "aria-labelledby": "sessions-title" }, h("h3", { id: "sessions-title" }, t("settings_me.sessions")), this.list, this.said, this.others);
    this.load();
  }

  async load() {
    await this.#do(() => null);
  }

  async #do(work) {
    this.said.textContent = "";
    try {
      await work();
      const { items } = await get(PLACE);
      fill(this.list, items.map((one) => row(one, one.here ? null : () => this.#do(() => call("DELETE", `${PLACE}/${one.id}`)))));
      this.others.hidden = items.length < 2;
    } catch (error) {
      this.said.textContent = told(error);
    }
  }
}

/** A session in words. `end` is called to end it; null: it can't be ended from here. */
export function row(one, end) {
  const where = [one.browser, one.system].filter(Boolean).join(" · ") || t("settings_me.unknown_browser");
  return h(
    "li",
    {},
    h(
      "div",
      {},
      h("strong", {}, where),
      one.here ? h("span", { class: "tag good" }, t("settings_me.here")) : null,
      h("p", { class: "muted" }, one.network ? h("span", {}, t("settings_me.from", { network: one.network })) : null, " ", h("time", { datetime: one.since, title: whole(one.since) }, t("settings_me.since", { time: moment(one.since) })), " ", h("time", { datetime: one.last_used, title: whole(one.last_used) }, t("settings_me.last_used", { time: moment(one.last_used) }))),
    ),
    end ? h("button", { type: "button", "aria-label": t("settings_me.end_one", { where }), on: { click: end } }, t("settings_me.end")) : null,
  );
}
