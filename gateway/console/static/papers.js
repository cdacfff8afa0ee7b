// The papers of a case: who took it, who speaks for the complainant, files; and what is printed. Dialogs come when they are opened.

import { call, get } from "./api.js";
import { confirmed, fill, h, icon } from "./dom.js";
import { between, day } from "./formats.js";
import { told } from "./problems.js";
import { language, t } from "./words.js";

const ENDED = ["closed", "withdrawn"];

export class Papers {
  /** `record()` is the case now; `changed()` has it fetched again. */
  constructor(record, changed) {
    this.record = record;
    this.changed = changed;
    this.known = null;
    this.node = h("section", { class: "papers" });
    this.flag = h("p", { class: "flag danger", hidden: true });
    this.said = h("p", { class: "said", role: "alert" });
  }

  async load() {
    const { id } = this.record();
    const known = await get(`/cases/${id}/papers`).catch(() => null);
    if (known && this.record()?.id === id) {
      this.known = known;
      this.#render();
    }
  }

  #render() {
    const { known } = this;
    const sign = JSON.stringify([known, this.record().status, this.record().reference]);
    if (this.sign === sign) return;
    this.sign = sign;
    this.#warn();
    const row = (name, value) => (value ? h("div", { class: "field" }, h("dt", {}, t(`papers.${name}`)), h("dd", { class: "lines" }, value)) : null);
    const rows = [
      row("taken_by", [known.taken_by, known.taken_post].filter(Boolean).join(" ")),
      row("handed_in_by", known.handed_in_by),
      row("postal_address", known.postal_address),
      row("proxy", known.proxy ? this.#proxy() : null),
      row("group", this.#group()),
      ...known.withdrawals.map((one) => row("withdrawn", t("papers.withdrawn_on", { day: day(one.received_on), way: t(`withdraw.ways.${one.way}`), who: one.who ?? "" }))),
    ].filter(Boolean);
    const handedIn = known.files.some((file) => file.purpose); // listed with the other files of the case
    const focused = this.node.contains(document.activeElement) && document.activeElement.dataset.act;
    fill(this.node, h("h3", {}, t("papers.title")), rows.length || handedIn ? h("dl", { class: "fields" }, rows) : h("p", { class: "muted" }, t("papers.none")), this.#actions(), this.said);
    if (focused) (this.node.querySelector(`[data-act="${focused}"]`) ?? this.node.querySelector("button")).focus({ preventScroll: true });
  }

  /** Whoever answers must see at once whom nothing may be told. */
  #warn() {
    const barred = ["missing", "ended"].includes(this.known.mandate);
    this.flag.hidden = !barred;
    fill(this.flag, icon("alert"), barred ? t(`case.flag_${this.known.mandate}`, { name: this.known.proxy?.name ?? "" }) : null);
  }

  #proxy() {
    const { proxy, mandate } = this.known;
    const who = proxy.relation ? `${proxy.name} (${proxy.relation})` : proxy.name;
    const until = proxy.valid_until && mandate === "here" ? ` ${t("papers.until", { day: day(proxy.valid_until) })}` : "";
    return [who, " ", h("span", { class: `tag ${mandate === "here" ? "good" : "bad"}` }, t(`papers.mandate_${mandate}`), until), proxy.contact ? `\n${proxy.contact}` : null];
  }

  #group() {
    const { members, representatives } = this.known;
    return [members ? t("papers.members", { n: members }) : null, ...representatives.map((one) => one.name)].filter(Boolean).join(t("list_comma"));
  }

  #actions() {
    const { known } = this;
    const dialog = (name) => h("button", { type: "button", "data-act": name, on: { click: () => this.#open(name) } }, t(`papers.${name}`));
    return h(
      "div",
      { class: "row start" },
      dialog("add_files"),
      dialog("edit"),
      known.proxy ? [dialog("mandate"), h("button", { type: "button", "data-act": "end_proxy", on: { click: () => this.#endProxy() } }, t("papers.end_proxy"))] : dialog("name_proxy"),
      ENDED.includes(this.record().status) ? null : dialog("withdraw"),
    );
  }

  /** Links to what is printed, for the head of a case. */
  links() {
    const { id, reference } = this.record();
    const link = (name, path) => h("a", { class: "button", href: path, target: "_blank", rel: "noopener" }, t(`case.${name}`));
    return [reference ? link("receipt", `/api/v1/cases/${id}/receipt.pdf`) : null, link("record", `/api/v1/cases/${id}/record.pdf?language=${language}`)];
  }

  /** How long what was received waited to be registered (handbook 1.1.2). */
  lag() {
    const { received_at, registered_at } = this.record();
    return registered_at ? h("div", { class: "field" }, h("dt", {}, t("case.lag")), h("dd", {}, between(received_at, registered_at))) : null;
  }

  async #open(name) {
    const { id } = this.record();
    const { open } = await import("./papers-dialogs.js");
    if (this.record()?.id === id) open(name, this);
  }

  async #endProxy() {
    const { proxy } = this.known;
    const { id } = this.record(); // the case beside a conversation may become another while it is asked
    if (!(await confirmed(t("papers.end_proxy_sure", { name: proxy.name }), t("papers.end_proxy"), t("cancel")))) return;
    this.said.textContent = "";
    try {
      await call("DELETE", `/cases/${id}/proxy`);
    } catch (error) {
      this.said.textContent = told(error);
    }
    await this.changed();
  }
}
