// A score sheet: what the record tells, what was said, and a grade with a remark for each criterion; fixed once it is handed in.

import { call, get, post, Problem, session } from "./api.js";
import { confirmed, fill, h, say } from "./dom.js";
import { between, moment, shortly, whole } from "./formats.js";
import { told } from "./problems.js";
import { sheet as stylesheet } from "./sections.js";
import { language, room, t, term } from "./words.js";

const written = new Map(); // what a supervisor was writing when they went to look at the case
session.addEventListener("forgotten", () => written.clear());

class Sheet extends HTMLElement {
  async connectedCallback() {
    stylesheet("supervise-quality.css");
    fill(this, h("p", { class: "empty" }, t("loading")));
    await room("quality-sheet");
    this.#load();
  }

  async #load() {
    try {
      const { sheetId } = this;
      const [found, now] = await Promise.all([get(`/quality/sheets/${sheetId}`), get("/quality/criteria")]);
      Object.assign(this, { one: found, now });
      this.#show(false);
      this.#said();
      if (found.mine && !found.seen_at) post(`/quality/sheets/${sheetId}/seen`, {}).catch(() => {}); // it is told again as new
    } catch (error) {
      fill(this, this.#back(), h("p", { class: "empty", role: "alert" }, told(error)));
    }
  }

  get #mayWrite() {
    return !this.one.mine && this.me.scopes.some((scope) => ["supervise", "admin"].includes(scope));
  }

  /** `again`: another edition of what was handed in. */
  #show(again) {
    const { one } = this;
    this.again = again;
    this.open = this.#mayWrite && (one.state !== "handed_in" || again);
    this.criteria = this.open ? this.now.criteria : one.criteria;
    this.draft = written.get(one.id) ?? { grades: structuredClone(one.grades), remark: one.remark, reason: "" };
    this.problem = h("p", { class: "said", role: "alert" });
    this.done = h("p", { class: "hint", role: "status" });
    this.words = h("div", { class: "what-was-said", tabindex: "0", role: "region", "aria-label": t("quality_sheet.said") }, h("p", { class: "muted" }, t("loading")));
    fill(
      this,
      this.#back(),
      h("div", { class: "sheet-head" }, h("h2", { tabindex: "-1" }, t("quality_sheet.of", { reference: one.reference })), this.#standing()),
      h("p", { class: "meta" }, h("a", { href: `/console/cases/${one.case}` }, t("quality_sheet.case")), one.conversations.map((id, at) => h("a", { href: `/console/conversations/${id}` }, t("quality_sheet.conversation", { n: at + 1 })))),
      h("div", { class: "two-sides" }, h("div", {}, h("h3", {}, t("quality_sheet.criteria")), this.open ? this.#form() : this.#read()), h("aside", {}, this.#facts(), h("h3", {}, t("quality_sheet.said")), this.words)),
    );
  }

  #back() {
    return this.back ? h("p", {}, h("button", { type: "button", class: "link", on: { click: () => this.back() } }, `← ${t("quality_sheet.back")}`)) : null;
  }

  #standing() {
    const { one } = this;
    const score = one.state === "handed_in" ? h("span", { class: "score" }, one.score === null ? t("quality_sheet.no_score") : t("quality_sheet.score", { score: one.score })) : null;
    return h("p", { class: "tags" }, score, h("span", { class: `tag${one.state === "handed_in" ? " good" : ""}` }, t(`quality_sheet.state_${one.state}`)), h("span", { class: "tag" }, t("quality_sheet.handler", { name: one.handler_name })), h("span", { class: "tag" }, term("channels", one.channel)), h("span", { class: "tag" }, term("category", one.category)));
  }

  #facts() {
    const { measured } = this.one;
    const lasted = (seconds) => (seconds === null ? t("quality_sheet.unknown") : between(new Date(0).toISOString(), new Date(seconds * 1000).toISOString()));
    const in_time = measured.in_time === null ? t("quality_sheet.unknown") : t(measured.in_time ? "quality_sheet.yes" : "quality_sheet.no");
    const rows = [
      ["in_time", in_time],
      ["finished_at", shortly(measured.finished_at)],
      ["due_at", measured.due_at ? shortly(measured.due_at) : t("quality_sheet.unknown")],
      ["first_answer", lasted(measured.seconds_to_first_answer)],
      ["to_finish", lasted(measured.seconds_to_finish)],
      ["customer_messages", measured.customer_messages],
      ["agent_messages", measured.agent_messages],
    ];
    return [h("h3", {}, t("quality_sheet.facts")), h("dl", { class: "measured" }, rows.map(([name, value]) => h("div", {}, h("dt", {}, t(`quality_sheet.${name}`)), h("dd", {}, String(value)))))];
  }

  async #said() {
    const found = await Promise.all(this.one.conversations.map((id) => get(`/conversations/${id}`).catch(() => null)));
    const messages = found.flatMap((one) => one?.messages ?? []);
    const lines = messages.map((one) => h("p", { class: `line ${one.sender}` }, h("span", { class: "muted" }, `${one.name ?? term("sender", one.sender)} · `, h("time", { datetime: one.at, title: whole(one.at) }, moment(one.at))), h("span", { class: "text" }, one.text)));
    fill(this.words, lines.length ? lines : h("p", { class: "muted" }, t("quality_sheet.nothing_said")));
  }

  // reading --------------------------------------------------------------------------------------------------

  #read() {
    const { one } = this;
    const graded = (criterion) => {
      const { grade, remark } = one.grades[criterion.id] ?? {};
      const means = meaning(criterion, grade);
      return h("li", { class: "criterion" }, h("p", {}, this.#title(criterion), h("strong", { class: "grade" }, grade ? label(grade) : "—")), means ? h("p", { class: "hint" }, means) : null, remark ? h("p", { class: "remark" }, remark) : null);
    };
    const last = one.editions.at(-1);
    return [
      h("ul", { class: "criteria" }, this.criteria.map(graded)),
      one.remark ? [h("h3", {}, t("quality_sheet.remark_all")), h("p", { class: "remark" }, one.remark)] : null,
      last ? h("p", { class: "hint" }, t("quality_sheet.handed_in", { name: last.by, time: shortly(last.at), policy: last.policy_version })) : null,
      one.editions.length > 1 ? h("details", {}, h("summary", {}, t("quality_sheet.editions")), h("ul", {}, one.editions.map((edition) => h("li", {}, t("quality_sheet.edition", { n: edition.edition, score: edition.score ?? "—", name: edition.by, time: shortly(edition.at) }), edition.reason ? h("p", { class: "remark" }, edition.reason) : null)))) : null,
      this.#statement(),
      this.#mayWrite && one.state === "handed_in" ? h("div", { class: "row end" }, h("button", { type: "button", on: { click: () => this.#revise() } }, t("quality_sheet.again"))) : null,
    ];
  }

  #title(criterion) {
    return [criterion.name[language], " ", h("span", { class: "muted" }, [criterion.basis, t("quality_sheet.weight", { n: criterion.weight })].filter(Boolean).join(" · "))];
  }

  #statement() {
    const { one } = this;
    if (one.state !== "handed_in") return null;
    if (one.statement) return [h("h3", {}, t("quality_sheet.statement_of", { name: one.handler_name })), h("p", { class: "remark" }, one.statement)];
    if (!one.mine) return [h("h3", {}, t("quality_sheet.statement_of", { name: one.handler_name })), h("p", { class: "muted" }, t("quality_sheet.no_statement"))];
    const text = h("textarea", { id: "statement", rows: 3, maxlength: 2000, required: true });
    const problem = h("p", { class: "said", role: "alert" });
    const button = h("button", { type: "submit", class: "strong" }, t("quality_sheet.state"));
    const send = async (event) => {
      event.preventDefault();
      if (!text.value.trim()) return text.focus();
      button.disabled = true;
      try {
        await post(`/quality/sheets/${one.id}/statement`, { text: text.value.trim() });
        await this.#load();
      } catch (error) {
        say(problem, told(error));
        button.disabled = false;
      }
    };
    return h("form", { on: { submit: send } }, h("h3", {}, h("label", { for: text.id }, t("quality_sheet.statement"))), h("p", { class: "hint" }, t("quality_sheet.statement_hint")), text, problem, h("div", { class: "row end" }, button));
  }

  #revise() {
    this.#show(true);
    this.#said();
    this.querySelector("h2").focus();
  }

  // writing --------------------------------------------------------------------------------------------------

  #form() {
    const { draft, again } = this;
    const remark = h("textarea", { id: "overall", rows: 2, maxlength: 2000, value: draft.remark, on: { input: () => (draft.remark = remark.value) } });
    const reason = h("textarea", { id: "reason", rows: 2, maxlength: 2000, value: draft.reason, on: { input: () => (draft.reason = reason.value) } });
    this.reason = reason;
    return h(
      "form",
      { novalidate: true, on: { submit: (event) => this.#handIn(event), input: () => this.#keep(), change: () => this.#keep() } },
      this.criteria.map((one) => (one.scale === "measured" ? this.#measured(one) : this.#criterion(one))),
      h("label", { for: "overall" }, t("quality_sheet.remark_all")),
      remark,
      again ? [h("label", { for: "reason" }, t("quality_sheet.reason")), reason] : null,
      this.problem,
      this.done,
      h(
        "div",
        { class: "row end" },
        again ? h("button", { type: "button", on: { click: () => this.#leave() } }, t("cancel")) : h("button", { type: "button", on: { click: () => this.#save() } }, t("quality_sheet.save")),
        h("button", { type: "submit", class: "strong" }, t("quality_sheet.hand_in")),
      ),
    );
  }

  #measured(one) {
    const grade = this.one.grades[one.id]?.grade ?? "na";
    return h("div", { class: "criterion" }, h("p", {}, this.#title(one), h("strong", { class: "grade" }, label(grade))), h("p", { class: "hint" }, t("quality_sheet.by_record")));
  }

  #criterion(one) {
    const { grades } = this.draft;
    const kept = () => (grades[one.id] ??= {});
    const means = h("p", { class: "hint", "aria-live": "polite" }, meaning(one, grades[one.id]?.grade));
    const choose = (grade) => {
      kept().grade = grade;
      say(means, meaning(one, grade));
    };
    const remark = h("input", { type: "text", maxlength: 2000, "aria-label": t("quality_sheet.remark_on", { name: one.name[language] }), placeholder: t("quality_sheet.remark"), value: grades[one.id]?.remark ?? "", on: { input: () => (kept().remark = remark.value) } });
    const radio = (grade) => h("label", { class: "choice" }, h("input", { type: "radio", name: one.id, value: grade, checked: grades[one.id]?.grade === grade, on: { change: () => choose(grade) } }), label(grade));
    return h(
      "fieldset",
      { class: "criterion", "data-criterion": one.id },
      h("legend", {}, this.#title(one)),
      h("div", { class: "choices" }, one.grades.map(radio)),
      means,
      h("details", {}, h("summary", {}, t("quality_sheet.means")), h("dl", { class: "means" }, one.means.map((words, at) => h("div", {}, h("dt", {}, label(one.grades[at])), h("dd", {}, words[language]))))),
      remark,
    );
  }

  #keep() {
    written.set(this.one.id, this.draft);
    say(this.done, "");
  }

  #leave() {
    written.delete(this.one.id);
    this.#show(false);
    this.#said();
  }

  #body() {
    const known = this.criteria.filter((one) => one.scale !== "measured" && this.draft.grades[one.id]);
    const graded = ({ grade, remark }) => ({ ...(grade ? { grade } : {}), ...(remark?.trim() ? { remark: remark.trim() } : {}) });
    return { grades: Object.fromEntries(known.map((one) => [one.id, graded(this.draft.grades[one.id])])), remark: this.draft.remark.trim() };
  }

  async #save() {
    await this.#try(async () => {
      this.one = await call("PATCH", `/quality/sheets/${this.one.id}`, this.#body(), { "If-Match": `"${this.one.version}"` });
      written.delete(this.one.id);
      say(this.done, t("quality_sheet.saved"));
    });
  }

  async #handIn(event) {
    event.preventDefault();
    const body = this.#body();
    const missing = this.criteria.filter((one) => one.scale !== "measured" && !body.grades[one.id]?.grade);
    if (missing.length) {
      say(this.problem, t("quality_sheet.missing", { names: missing.map((one) => one.name[language]).join(t("list_comma")) }));
      this.querySelector(`[data-criterion="${missing[0].id}"] input`).focus();
      return;
    }
    if (this.again && !this.draft.reason.trim()) {
      say(this.problem, t("quality_sheet.reason_needed"));
      this.reason.focus();
      return;
    }
    if (!(await confirmed(t("quality_sheet.hand_in_sure", { name: this.one.handler_name }), t("quality_sheet.hand_in"), t("cancel")))) return;
    await this.#try(async () => {
      const reason = this.again ? { reason: this.draft.reason.trim() } : {};
      await post(`/quality/sheets/${this.one.id}/hand-in`, { ...body, ...reason, version: this.one.version });
      written.delete(this.one.id);
      await this.#load();
      this.querySelector("h2")?.focus();
    });
  }

  async #try(work) {
    say(this.problem, "");
    try {
      await work();
    } catch (error) {
      const code = error instanceof Problem ? error.code : "";
      say(this.problem, ["own_work", "changed_meanwhile", "handed_in"].includes(code) ? t(`quality_sheet.${code}`) : told(error));
    }
  }
}

const WORDS = ["yes", "partly", "no", "na"];
const label = (grade) => (WORDS.includes(grade) ? t(`quality_sheet.${grade}`) : grade);

/** What a grade means, as the policy tells it. */
function meaning(criterion, grade) {
  return criterion.means[criterion.grades.indexOf(grade)]?.[language] ?? "";
}

customElements.define("qt-quality-sheet", Sheet);

/** The sheet of this id, in its own element. */
export const sheetOf = (sheetId, values) => Object.assign(document.createElement("qt-quality-sheet"), { sheetId, ...values });
