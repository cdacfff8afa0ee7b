// Keys of neighbouring programs: made, shown once, revoked. Administrators alone come here.

import { call, get, post } from "./api.js";
import { confirmed, fill, h, say } from "./dom.js";
import { fromLocal, moment, today, whole } from "./formats.js";
import { told } from "./problems.js";
import { sheet } from "./sections.js";
import { t, term } from "./words.js";

const SCOPES = ["cases:read", "cases:write", "conversations:read", "conversations:write", "intake", "transcripts", "recordings", "reports:read", "admin"];

class Keys extends HTMLElement {
  connectedCallback() {
    sheet("settings-keys.css");
    this.said = h("p", { class: "said", role: "alert" });
    this.made = h("div", {});
    this.form = h("div", {}, this.#button());
    this.list = h("div", { class: "keys" });
    fill(this, h("h2", {}, t("settings_keys.title")), h("p", { class: "hint" }, t("settings_keys.what")), this.made, this.form, this.said, this.list);
    this.load();
  }

  async load() {
    try {
      const { items } = await get("/keys");
      const [used, over] = [items.filter((one) => !isOver(one)), items.filter(isOver)];
      fill(
        this.list,
        used.length ? h("ul", { class: "plain" }, used.map((one) => this.#row(one))) : h("p", { class: "empty" }, t("settings_keys.none")),
        over.length ? h("details", {}, h("summary", {}, t("settings_keys.over")), h("ul", { class: "plain" }, over.map((one) => this.#row(one)))) : null,
      );
    } catch (error) {
      say(this.said, told(error));
    }
  }

  #button() {
    return h("button", { type: "button", class: "strong", on: { click: () => this.#ask() } }, t("settings_keys.add"));
  }

  #row(one) {
    const until = one.revoked_at ? t("settings_keys.revoked", { day: moment(one.revoked_at) }) : !one.expires_at ? t("settings_keys.endless") : t(isOver(one) ? "settings_keys.expired" : "settings_keys.until", { day: moment(one.expires_at) });
    const used = one.used_at ? h("time", { datetime: one.used_at, title: whole(one.used_at) }, t("settings_keys.used", { time: whole(one.used_at) })) : h("span", {}, t("settings_keys.never_used"));
    return h(
      "li",
      {},
      h("div", {}, h("strong", {}, one.name), h("ul", { class: "scopes" }, one.scopes.map((scope) => h("li", { class: "tag", title: scope }, label(scope)))), h("p", { class: "muted" }, used, h("span", {}, until), h("time", { datetime: one.created_at, title: whole(one.created_at) }, t("settings_keys.created", { day: moment(one.created_at) })))),
      isOver(one) ? null : h("button", { type: "button", "aria-label": t("settings_keys.revoke_one", { name: one.name }), on: { click: () => this.#revoke(one) } }, t("settings_keys.revoke")),
    );
  }

  #ask() {
    const name = h("input", { id: "key-name", required: true, maxlength: 60, "aria-describedby": "key-name-hint" });
    const until = h("input", { id: "key-until", type: "date", min: today(), "aria-describedby": "key-until-hint" });
    const boxes = SCOPES.map((scope) => h("input", { type: "checkbox", value: scope }));
    const said = h("p", { class: "said", role: "alert" });
    const make = h("button", { type: "submit", class: "strong" }, t("settings_keys.make"));
    const submit = async (event) => {
      event.preventDefault();
      const scopes = boxes.filter((box) => box.checked).map((box) => box.value);
      if (!scopes.length) return say(said, t("settings_keys.choose"));
      say(said, "");
      make.disabled = true;
      try {
        this.#show(await post("/keys", { name: name.value, scopes, expires_at: until.value ? endOf(until.value) : null }));
      } catch (error) {
        say(said, told(error));
        make.disabled = false;
      }
    };
    fill(
      this.form,
      h(
        "form",
        { on: { submit } },
        h("div", {}, h("label", { for: "key-name" }, t("settings_keys.name")), name, h("p", { class: "hint", id: "key-name-hint" }, t("settings_keys.name_hint"))),
        h("fieldset", {}, h("legend", {}, t("settings_keys.scopes")), boxes.map((box) => h("label", { class: "scope" }, box, h("span", {}, label(box.value), h("code", { class: "muted" }, box.value))))),
        h("div", {}, h("label", { for: "key-until" }, t("settings_keys.expires")), until, h("p", { class: "hint", id: "key-until-hint" }, t("settings_keys.expires_hint"))),
        said,
        h("div", { class: "row start" }, make, h("button", { type: "button", on: { click: () => fill(this.form, this.#button()) } }, t("settings_keys.cancel"))),
      ),
    );
    name.focus();
  }

  /** The key, this once. */
  #show(made) {
    const key = h("code", { tabindex: "0" }, made.key);
    const copied = h("span", { role: "status", class: "muted" });
    const copy = async () => say(copied, (await navigator.clipboard?.writeText(made.key).then(() => true, () => false)) ? t("settings_keys.copied") : "");
    fill(this.form, this.#button());
    fill(this.made, h("div", { class: "once" }, h("p", {}, t("settings_keys.made", { name: made.name })), h("p", {}, key), h("div", { class: "row start" }, h("button", { type: "button", on: { click: copy } }, t("settings_keys.copy")), h("button", { type: "button", class: "strong", on: { click: () => fill(this.made) } }, t("settings_keys.done")), copied)));
    key.focus();
    this.load();
  }

  async #revoke(one) {
    if (!(await confirmed(t("settings_keys.revoke_sure", { name: one.name }), t("settings_keys.revoke"), t("settings_keys.cancel")))) return;
    try {
      await call("DELETE", `/keys/${one.id}`);
    } catch (error) {
      say(this.said, told(error));
    }
    this.load();
  }
}

const isOver = (one) => Boolean(one.revoked_at) || (one.expires_at !== null && new Date(one.expires_at) <= new Date());
const label = (scope) => term("settings_keys_scopes", scope);
/** A key that is good on its last day ends with the house's day. */
const endOf = (date) => fromLocal(`${date}T23:59`);

customElements.define("qt-settings-keys", Keys);
