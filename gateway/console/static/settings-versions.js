// What policy, calendar and texts have in common: their versions, how two differ, what is wrong, and putting one in force.

import { get, post, Problem } from "./api.js";
import { confirmed, fill, h, noticed, opened, say } from "./dom.js";
import { fromLocal, whole } from "./formats.js";
import { told } from "./problems.js";
import { sheet } from "./sections.js";
import { room, t, term } from "./words.js";

await room("settings-versions");

const OPEN = ["proposed", "scheduled"];
const FIRST = 8;

/** Lines as the house compares them; nothing that differs is said so. */
export function differing(lines) {
  sheet("settings-versions.css");
  if (!lines.length) return h("p", { class: "muted" }, t("settings_versions.same"));
  const line = ({ kind, text }) =>
    kind === "gap"
      ? h("li", { class: "gap", "aria-hidden": "true" }, "⋯")
      : h("li", { class: kind }, h("span", { class: "sign", "aria-hidden": "true" }, { added: "+", removed: "−", same: "" }[kind]), kind === "same" ? text : h(kind === "added" ? "ins" : "del", {}, text || " "));
  return h("ol", { class: "diff" }, lines.map(line));
}

/** What is wrong, each at its field: `go` leads there. */
export function faults(problems, go) {
  return h("ul", { class: "faults" }, problems.map((one) => h("li", {}, one.field ? h("button", { type: "button", class: "link", on: { click: () => go(one) } }, one.line ? t("settings_versions.at_line", { field: one.field, line: one.line }) : one.field) : null, h("span", {}, one.detail))));
}

/** The versions of one subject. `copied` and `decided` are called when something has changed. */
export class Versions {
  constructor({ path, changed, putBack = true }) {
    Object.assign(this, { path, changed, putBack });
    sheet("settings-versions.css");
    this.node = h("section", { class: "versions" });
    this.all = false;
  }

  show(state) {
    this.state = state;
    const rows = this.all ? state.versions : state.versions.slice(0, FIRST);
    fill(
      this.node,
      h("h3", {}, t("settings_versions.title")),
      rows.length ? h("ul", {}, rows.map((one) => this.#row(one))) : h("p", { class: "muted" }, t("settings_versions.none")),
      rows.length < state.versions.length ? h("button", { type: "button", class: "quiet", on: { click: () => ((this.all = true), this.show(state)) } }, t("settings_versions.more", { n: state.versions.length - rows.length })) : null,
    );
  }

  #row(one) {
    const button = (key, act) => h("button", { type: "button", on: { click: act } }, t(`settings_versions.${key}`));
    const open = OPEN.includes(one.state);
    const from = one.state === "scheduled" ? t("settings_versions.from", { time: whole(one.effective_from) }) : "";
    const decided = one.decided_by && one.decided_by !== one.author ? t(one.state === "withdrawn" ? "settings_versions.withdrawn_by" : "settings_versions.approved_by", { name: one.decided_by }) : "";
    return h(
      "li",
      { class: one.state },
      h("div", { class: "what" }, h("strong", {}, one.origin === "follow" ? t("settings_versions.follows") : one.label), h("span", { class: `tag ${one.state === "in_force" ? "good" : open ? "reason" : ""}` }, term("version_states", one.state)), one.unusable ? h("span", { class: "tag bad", title: one.unusable }, t("settings_versions.unusable")) : null),
      h("p", { class: "muted" }, [one.origin === "file" ? "" : one.author, whole(one.created_at), from, decided].filter(Boolean).join(" · ")),
      one.why ? h("p", {}, one.why) : null,
      h("div", { class: "acts" }, button("look", () => this.#look(one)), this.putBack && ["past", "seen", "withdrawn"].includes(one.state) && one.origin !== "follow" ? button("put_back", () => this.#back(one)) : null, one.state === "proposed" && !one.yours ? button("approve", () => this.#decide(one, "approve")) : null, one.state === "proposed" && one.yours ? h("span", { class: "hint" }, t("settings_versions.yours")) : null, open ? button("withdraw", () => this.#decide(one, "withdraw")) : null),
    );
  }

  async #look(one) {
    const said = h("p", { class: "said", role: "alert" });
    const body = h("div", { class: "whole" }, h("p", { class: "muted" }, t("loading")));
    const dialog = h("dialog", { class: "wide", "aria-labelledby": "version-title" }, h("h2", { id: "version-title" }, one.label), h("p", { class: "muted" }, t("settings_versions.beside")), body, said, h("div", { class: "row end" }, h("button", { type: "button", on: { click: () => dialog.close() } }, t("close"))));
    opened(dialog);
    try {
      const found = await get(`${this.path}/versions/${one.number}`);
      fill(body, differing(found.diff), h("details", {}, h("summary", {}, t("settings_versions.digest")), h("code", {}, found.digest)));
    } catch (error) {
      fill(body);
      say(said, told(error));
    }
  }

  async #back(one) {
    if (await put({ path: this.path, state: this.state, body: { copy_of: one.number }, title: t("settings_versions.put_back_title", { label: one.label }) })) this.changed();
  }

  async #decide(one, verb) {
    if (!(await confirmed(t(`settings_versions.${verb}_sure`, { label: one.label, author: one.author }), t(`settings_versions.${verb}`), t("cancel")))) return;
    try {
      await post(`${this.path}/versions/${one.number}/${verb}`, {});
    } catch (error) {
      await noticed(refusal(error), t("close"));
    }
    this.changed();
  }
}

function refusal(error) {
  const known = error instanceof Problem && ["overtaken", "own_version", "not_open", "needs_person", "lately_set", "still_to_come"].includes(error.code);
  return known ? t(`settings_versions.${error.code}`, { number: error.document.number ?? "" }) : told(error);
}

/** Asks why and from when, and keeps the version. Answers what was kept, or null. */
export function put({ path, state, body, title }) {
  return new Promise((answer) => {
    const why = h("textarea", { id: "version-why", rows: 2, maxlength: 1000, required: true });
    const from = h("input", { id: "version-from", type: "datetime-local", "aria-describedby": "version-from-hint" });
    const said = h("p", { class: "said", role: "alert" });
    const save = h("button", { type: "submit", class: "strong" }, t(state.four_eyes ? "settings_versions.propose" : "settings_versions.put"));
    let kept = null;
    const submit = async (event) => {
      event.preventDefault();
      if (!why.value.trim()) {
        say(said, t("settings_versions.why_needed"));
        return why.focus();
      }
      save.disabled = true;
      try {
        kept = await post(`${path}/versions`, { ...body, why: why.value.trim(), based_on: state.latest, effective_from: from.value ? fromLocal(from.value) : null });
        dialog.close();
      } catch (error) {
        say(said, refusal(error));
        save.disabled = false;
      }
    };
    const dialog = h(
      "dialog",
      { "aria-labelledby": "version-put-title" },
      h("h2", { id: "version-put-title" }, title),
      state.four_eyes ? h("p", { class: "muted" }, t("settings_versions.four_eyes")) : null,
      h("form", { novalidate: true, on: { submit } }, h("label", { for: why.id }, t("settings_versions.why")), why, h("label", { for: from.id }, t("settings_versions.begins")), from, h("p", { class: "hint", id: "version-from-hint" }, t("settings_versions.begins_hint")), said, h("div", { class: "row end" }, h("button", { type: "button", on: { click: () => dialog.close() } }, t("cancel")), save)),
    );
    opened(dialog).then(() => answer(kept));
    why.focus();
  });
}
