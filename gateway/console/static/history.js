// What happened in a conversation beside its words: who took it over and handed it back, consent, listening, erasure.

import { get } from "./api.js";
import { h, icon, opened } from "./dom.js";
import { moment, whole } from "./formats.js";
import { steps } from "./steps.js";
import { t } from "./words.js";

export class History {
  constructor(conversation) {
    this.path = `/conversations/${encodeURIComponent(conversation)}/timeline`;
  }

  /** Raises what the request does. */
  async open() {
    const { items } = await get(this.path);
    const told = steps(items);
    const dialog = h(
      "dialog",
      { "aria-labelledby": "history-title" },
      h(
        "div",
        { class: "row" },
        h("h2", { id: "history-title" }, t("history.title")),
        h("button", { type: "button", "aria-label": t("close"), class: "quiet", on: { click: () => dialog.close() } }, icon("close")),
      ),
      told.length ? h("ol", { class: "steps" }, told.map(step)) : h("p", { class: "muted" }, t("history.none")),
    );
    opened(dialog);
  }
}

function step(one) {
  return h("li", {}, h("time", { datetime: one.at, title: whole(one.at) }, moment(one.at)), h("span", {}, one.text), one.who ? h("span", { class: "muted" }, one.who) : null);
}
