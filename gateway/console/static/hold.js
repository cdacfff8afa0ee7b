// The legal hold of a case: whether one stands, since when and why; placed and lifted by those who supervise.

import { call, get } from "./api.js";
import { fill, h, opened, say } from "./dom.js";
import { whole } from "./formats.js";
import { told } from "./problems.js";
import { t } from "./words.js";

class Hold extends HTMLElement {
  me = null;
  changed = () => {};

  /** `record` is the case now; only a hold that stands is asked for. */
  async show(record) {
    const sign = JSON.stringify([record.id, record.held_since, record.erased_at]);
    if (this.sign === sign) return;
    this.sign = sign;
    if (this.record?.id !== record.id) fill(this); // no button of another case
    this.record = record;
    try {
      const standing = record.held_since ? (await get(`/cases/${record.id}/hold`)).standing : null;
      if (this.sign === sign) this.#render(standing);
    } catch (error) {
      if (this.sign !== sign) return;
      this.sign = null; // asked again with the next look at the case
      this.hidden = false;
      fill(this, h("h3", {}, t("hold.title")), h("p", { class: "said" }, told(error)));
    }
  }

  #render(standing) {
    const { record } = this;
    const may = this.me.scopes.some((scope) => ["supervise", "admin"].includes(scope)) && !record.erased_at;
    this.hidden = !may && !record.held_since;
    const act = record.held_since ? "lift" : "place";
    fill(
      this,
      h("h3", {}, t("hold.title")),
      standing ? h("p", {}, t("hold.standing", { name: standing.placed_by, time: whole(standing.placed_at), reason: standing.reason })) : null,
      may ? h("p", { class: "row start" }, h("button", { type: "button", on: { click: () => this.#ask(act) } }, t(`hold.${act}`))) : null,
    );
  }

  async #ask(act) {
    const { id } = this.record;
    const reason = h("textarea", { id: "hold-reason", rows: 3, maxlength: 2000, required: true });
    const said = h("p", { class: "said", role: "alert" });
    const done = h("button", { type: "submit", class: "strong" }, t(`hold.${act}`));
    const submit = async (event) => {
      event.preventDefault();
      say(said, "");
      done.disabled = true;
      try {
        await call(act === "lift" ? "DELETE" : "PUT", `/cases/${id}/hold`, { reason: reason.value.trim() });
        dialog.close();
        await this.changed();
      } catch (error) {
        say(said, told(error));
        done.disabled = false;
      }
    };
    const dialog = h(
      "dialog",
      { "aria-labelledby": "hold-title" },
      h(
        "form",
        { on: { submit } },
        h("h2", { id: "hold-title" }, t(`hold.${act}`)),
        h("p", { class: "hint" }, t(`hold.${act}_what`)),
        h("label", { for: "hold-reason" }, t("hold.reason")),
        reason,
        said,
        h("div", { class: "row end" }, h("button", { type: "button", on: { click: () => dialog.close() } }, t("cancel")), done),
      ),
    );
    await opened(dialog);
  }
}

customElements.define("qt-hold", Hold);
