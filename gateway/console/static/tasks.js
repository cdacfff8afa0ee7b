// Calls and letters that customers wait for: to whom, by when, the words to say; told only once it is recorded here.

import { get, patch, post, Problem } from "./api.js";
import { h, icon, say } from "./dom.js";
import { fromLocal, moment, whole } from "./formats.js";
import { told } from "./problems.js";
import { t, term } from "./words.js";
import { Work } from "./work.js";

const TELLING = ["call_back", "letter"];
const WAYS = { call_back: ["called", "handed_over", "posted", "otherwise"], letter: ["posted", "handed_over", "called", "otherwise"] };

/** A call that was to ask for something, and of which nothing was recorded. */
const unanswered = (recorded) => recorded !== null && Object.keys(recorded).length === 0;

/** There is no number, or no address, that it can have gone to. */
const nowhere = ({ kind, to }, how) => (kind === "call_back" && how?.value === "called" ? to?.phones.length === 0 : kind === "letter" && how?.value === "posted" ? Boolean(to) && !to.postal_address : false);

class Tasks extends Work {
  kind = "tasks";
  hint = "task";
  path = "/tasks";
  #notes = new Map(); // what was being written when a card was made anew

  signature(one) {
    return JSON.stringify([one.tries, one.next_at, one.overdue, one.to, one.words]);
  }

  /** The task that a message has led to is brought before the reader, once. */
  shown() {
    const [, , , id] = location.pathname.split("/");
    if (!id || id === this.led) return;
    this.led = id;
    const card = this.list.querySelector(`[data-id="${CSS.escape(id)}"]`);
    card?.scrollIntoView({ block: "center" });
    card?.focus({ preventScroll: true });
  }

  async prepare(items) {
    if (items.some((one) => one.detail?.confirm)) this.calling ??= await import("./callback.js"); // calls with questions to ask
  }

  card(one) {
    if (one.detail?.confirm) return [this.#head(one), this.#reach(one), this.#when(one), this.#form(one, this.calling.callBack(one))];
    return [this.#head(one), this.#reach(one), this.#when(one), one.to ? this.#to(one) : null, h("p", { class: "text", lang: one.to?.language ?? null }, term("look", one.words)), this.#form(one)];
  }

  #head(one) {
    const places = [
      one.case ? h("a", { href: `/console/cases/${one.case}` }, one.reference ?? t("tasks.to_case")) : null,
      one.conversation ? h("a", { href: `/console/conversations/${one.conversation}` }, t("case.to_conversation")) : null,
    ];
    const sign = { call_back: "phone", letter: "letter" }[one.kind] ?? "search";
    return h("p", { class: "meta" }, icon(sign), h("strong", {}, term("task", one.kind)), h("time", { datetime: one.created_at, title: whole(one.created_at) }, moment(one.created_at)), places);
  }

  #when(one) {
    const due = one.due_at ? h("span", { class: `tag ${one.overdue ? "bad" : ""}`, title: whole(one.due_at) }, t(one.overdue ? "tasks.late" : "tasks.due", { time: moment(one.due_at) })) : null;
    const next = one.tries ? h("span", { class: "tag reason", title: whole(one.next_at) }, t("tasks.again", { n: one.tries, time: moment(one.next_at) })) : null;
    return due || next ? h("p", { class: "tags" }, due, next) : null;
  }

  #to({ to, kind }) {
    const barred = ["missing", "ended"].includes(to.mandate);
    const name = to.proxy && !barred ? t("tasks.to_proxy", { name: to.name ?? t("conversation.nameless"), proxy: to.proxy }) : (to.name ?? t("conversation.nameless"));
    return [
      h(
        "dl",
        { class: "fields" },
        h("div", { class: "field" }, h("dt", {}, t("tasks.to")), h("dd", {}, name, " ", h("span", { class: "tag" }, term("languages_short", to.language)))),
        to.phones.length ? h("div", { class: "field" }, h("dt", {}, term("channels", "phone")), h("dd", {}, to.phones.map((phone) => [h("a", { href: `tel:${phone}` }, phone), " "]))) : null,
        kind === "letter" || to.postal_address ? h("div", { class: "field" }, h("dt", {}, t("tasks.address")), h("dd", { class: "lines" }, to.postal_address ?? h("span", { class: "muted" }, t("tasks.no_address")))) : null,
      ),
      barred ? h("p", { class: "flag danger" }, icon("alert"), t("tasks.barred", { proxy: to.proxy })) : null,
    ];
  }

  /** Before anybody rings or writes: how the customer wants to be reached. */
  #reach({ to }) {
    return to?.reach ? h("p", { class: "flag danger" }, icon("alert"), t("case.reach"), " ", h("q", { lang: to.language }, to.reach)) : null;
  }

  /** `back` is the part of a call that asks: its answers go into the case. */
  #form(one, back = null) {
    const telling = TELLING.includes(one.kind);
    const note = h("textarea", { rows: 2, "aria-label": t("tasks.note"), placeholder: t("tasks.note"), maxlength: 8000, value: this.#notes.get(one.id) ?? "", on: { input: () => this.#notes.set(one.id, note.value) } });
    const how = telling ? h("select", { "aria-label": t("tasks.how") }, WAYS[one.kind].map((way) => h("option", { value: way }, term("how", way)))) : null;
    const at = moments(t("tasks.at"));
    const next = one.kind === "call_back" ? moments(t("tasks.next")) : null;
    const done = h("button", { type: "submit", class: "strong" }, t("tasks.done"));
    const missed = h("button", { type: "button", on: { click: () => this.#missed(one, { note, at, next }, missed) } }, t("tasks.not_reached"));
    return h(
      "form",
      { on: { submit: (event) => this.#done(event, one, { note, how, at, back }, done) } },
      back?.nodes,
      note,
      telling ? h("details", {}, h("summary", {}, t("tasks.at")), at.node, next?.node) : null,
      one.kind === "letter" && one.case ? this.#print(one) : null,
      h("div", { class: "row end" }, how, one.kind === "call_back" ? missed : null, done),
    );
  }

  #print(one) {
    const address = h("textarea", { rows: 3, "aria-label": t("tasks.address"), placeholder: t("tasks.address"), maxlength: 500, value: one.to?.postal_address ?? "" });
    const save = h("button", { type: "button", on: { click: () => this.#address(one, address.value.trim(), save) } }, t("save"));
    return [
      h("details", {}, h("summary", {}, t("tasks.address")), address, h("div", { class: "row end" }, save)),
      one.to?.postal_address ? null : h("p", { class: "flag" }, icon("alert"), t("tasks.print_no_address")),
      h("p", {}, h("a", { href: `/api/v1/tasks/${one.id}/letter.pdf`, target: "_blank", rel: "noopener" }, icon("letter"), " ", t("tasks.print"))),
    ];
  }

  async #address(one, address, button) {
    await this.#try(button, async () => {
      const { version } = await get(`/cases/${one.case}`);
      await patch(`/cases/${one.case}/papers`, version, { postal_address: address || null });
    });
  }

  async #done(event, one, { note, how, at, back }, button) {
    event.preventDefault();
    const recorded = back?.body() ?? null;
    if (!note.value.trim() && (unanswered(recorded) || nowhere(one, how))) {
      say(this.said, t("tasks.how_needed"));
      note.focus();
      return;
    }
    const body = { note: note.value.trim(), ...recorded };
    if (how) body.how = how.value;
    if (at.value) body.at = at.value;
    await this.#try(button, async () => {
      await post(`/tasks/${one.id}/done`, body);
      this.#notes.delete(one.id);
    });
  }

  async #missed(one, { note, at, next }, button) {
    const body = { note: note.value.trim() };
    if (at.value) body.at = at.value;
    if (next.value) body.next_at = next.value;
    await this.#try(button, async () => {
      const tried = await post(`/tasks/${one.id}/not-reached`, body);
      this.#notes.delete(one.id);
      const said = tried.letter ? "tasks.to_letter" : tried.counts ? "tasks.moved" : "tasks.same_time";
      return t(said, { time: moment(tried.next_at) });
    });
  }

  /** Says what came of it: the answer of `act`, or what went wrong. */
  async #try(button, act) {
    const { id } = button.closest("li").dataset;
    const places = this.places(button);
    button.disabled = true;
    this.said.textContent = "";
    let said = "";
    try {
      said = (await act()) ?? "";
    } catch (error) {
      said = error instanceof Problem && error.code === "done_before" ? t("tasks.done_before") : told(error);
    } finally {
      button.disabled = false;
    }
    await this.load();
    say(this.said, said);
    this.goOn(...places.slice(0, 2), this.list.querySelector(`[data-id="${CSS.escape(id)}"]`), ...places.slice(2));
  }

  taken() {
    say(this.said, t("tasks.done_before"));
    this.goOn();
  }
}

/** An input of date and time with its label; empty means now. */
function moments(label) {
  const input = h("input", { type: "datetime-local", "aria-label": label });
  return {
    node: h("label", { class: "moment" }, h("span", { class: "muted" }, label), input),
    get value() {
      return input.value ? fromLocal(input.value) : "";
    },
  };
}

customElements.define("qt-tasks", Tasks);
