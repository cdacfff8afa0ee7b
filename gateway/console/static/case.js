// The case beside a conversation: what is known, why it was judged so, what was promised, what has happened.
//
// Each field is corrected in its place. A change names the version it began on; if the record has moved on meanwhile, what
// changed is shown and what was typed stays.

import { get, Order, post } from "./api.js";
import { confirmed, fill, h, icon, keyed, say, unpressed } from "./dom.js";
import { Field } from "./field.js";
import { day, daysLeft, left, money, whole } from "./formats.js";
import * as teams from "./teams.js";
import { told } from "./problems.js";
import { room, t, term } from "./words.js";

const OPEN = ["draft", "filed", "in_progress", "waiting_for_customer"];

class Case extends HTMLElement {
  live = null;
  me = null;
  agents = [];
  forYou = null;
  close = null;
  empty = "none";
  order = new Order();
  record = null;

  connectedCallback() {
    this.live.addEventListener("changed", this.#changed);
    this.live.addEventListener("reload", this.#reload);
  }

  disconnectedCallback() {
    this.live.shows({ cases: [] });
    this.live.removeEventListener("changed", this.#changed);
    this.live.removeEventListener("reload", this.#reload);
  }

  #changed = ({ detail }) => {
    if (detail.kind !== "case" || detail.id !== this.record?.id) return;
    // of the same version too: what the customer was told comes to the steps beside the record
    if (!detail.version || detail.version >= this.record.version) this.#again();
  };

  #reload = () => this.record && this.#again();

  #look = async () => this.record && this.load(this.record.id);

  #again() {
    clearTimeout(this.timer);
    this.timer = setTimeout(this.#look, 200);
  }

  /** Shows a case by id or number; `others` are the ids of the conversation's cases, `empty` names what is said where there is none. */
  async show(key, others = [], empty = this.empty) {
    this.others = others;
    if (!key) {
      this.record = this.wanted = null;
      this.fields = null;
      this.live.shows({ cases: [] });
      fill(this, this.#bar(t("case.title")), h("p", { class: "empty" }, t(`case.${empty}`)));
      return;
    }
    if (key === this.wanted) return;
    this.coming();
    this.wanted = key;
    await this.load(key);
  }

  /** Lets go of the case that was shown: what is pressed while another comes must not go into the last. */
  coming() {
    this.record = this.wanted = this.fields = null;
    this.live.shows({ cases: [] });
    fill(this, this.#bar(t("case.title")), h("p", { class: "empty", role: "status" }, t("loading")));
  }

  async load(key) {
    const path = `/cases/${encodeURIComponent(key)}`;
    const turn = this.order.ask();
    try {
      const [record, timeline, contacts, files, [sentences, papers, proofs, , , solutions, , , , , , { watchMasks }, , { attachment }]] = await Promise.all([
        get(path),
        get(`${path}/timeline?conversations=yes`),
        get(`${path}/contacts`).catch(() => null),
        get(`${path}/attachments`).catch(() => null),
        // beside the record, which takes as long
        Promise.all([import("./steps.js"), import("./papers.js"), this.#proofsOf(path), import("./customer.js"), import("./duplicates.js"), import("./negotiation.js"), import("./following.js"), import("./clocks.js"), import("./trail.js"), import("./postroom.js"), room("beside"), import("./masked.js"), import("./hold.js"), import("./attachments.js")]),
      ]);
      // where no case is wanted none is shown, though a draft has no number either
      if (this.wanted === null || ![key, record.reference].includes(this.wanted)) return;
      // what was asked before a change and is answered after it would take it back
      if (this.order.isLate(turn) || (this.record?.id === record.id && record.version < this.record.version)) return;
      this.wanted = key;
      this.record = record;
      this.live.shows({ cases: [record.id] });
      this.timeline = timeline.items;
      this.sentences = sentences;
      this.solutions = solutions;
      this.paperwork = papers;
      this.attachment = attachment;
      this.proofs.items = proofs;
      this.evidence = files?.items ?? [];
      this.masks ??= watchMasks(this, () => this.record && `/cases/${this.record.id}`);
      this.contacts = contacts?.items ?? record.contacts.map((address) => ({ address }));
      this.fields ? this.#update() : this.#make();
      await Promise.all([this.papers.load(), this.negotiation.load()]);
    } catch (error) {
      if (this.wanted === key && !this.fields) fill(this, this.#bar(t("case.title")), h("p", { class: "empty", role: "alert" }, told(error)));
    }
  }

  async #proofsOf(path) {
    const { Evidence } = await import("./evidence.js");
    this.proofs ??= new Evidence(this);
    return this.proofs.fetched(path);
  }

  /** A record that a change has answered with; of a case that was left meanwhile nothing is shown. */
  took = async (record) => {
    if (record.id !== this.record?.id) return;
    this.record = record;
    this.#update();
    await this.load(record.id);
  };

  #bar(title) {
    return h(
      "header",
      { class: "head" },
      h("div", { class: "title" }, h("h2", {}, title)),
      this.close ? h("button", { type: "button", class: "quiet only-panel", "aria-label": t("close"), on: { click: () => this.close() } }, icon("close")) : null,
    );
  }

  // made once, then updated ----------------------------------------------------------------------------------

  #make() {
    const record = () => this.record;
    const field = (name, kind, more = {}) => new Field({ name, kind, record, took: this.took, ...more });
    const agents = () => [["", t("case.nobody")], ...this.agents.map((one) => [one.username, one.name])];
    const judged = (name) => ({ why: () => this.proofs.judged(name), proof: () => this.proofs.of(`judgement.${name}`) });
    const options = (group, values) => values.map((value) => [value, term(group, value)]);
    this.fields = {
      category: field("category", "choice", { options: options("category", ["service", "product", "violation", "other"]), ...judged("category") }),
      risk: field("risk", "choice", { options: options("risk", ["minor", "general", "major"]), ...judged("risk") }),
      disposition: field("disposition", "choice", { options: options("disposition", ["immediate", "investigate", "out_of_scope"]), ...judged("disposition") }),
      assignee: field("assignee", "choice", { options: agents, nullable: true, show: (value) => this.#agent(value) }),
      team: field("team", "choice", { options: () => [["", t("case.nobody")], ...teams.given(this.me, this.record.team)], nullable: true, show: (value) => teams.title(this.me, value) }),
      language: field("language", "choice", { options: options("languages", ["zh-Hans", "zh-Hant", "en"]) }),
      what_happened: this.#fact("what_happened", "long"),
      desired_outcome: this.#fact("desired_outcome", "long"),
      amount: this.#fact("amount", "money", { show: money }),
      about: this.#fact("about", "line"),
      occurred_on: this.#fact("occurred_on", "line", { placeholder: "2026-11-15" }),
      name: this.#fact("name", "line"),
      contact: this.#fact("contact", "line"),
      declined: field("declined", "several", { options: options("facts", ["name", "contact", "occurred_on", "about", "what_happened", "amount", "desired_outcome"]) }),
      basis: field("basis", "long"),
      next_steps: field("next_steps", "long"),
    };
    const part = (key, ...names) => [h("h3", {}, t(`case.${key}`)), h("dl", { class: "fields" }, names.map((name) => this.fields[name].node))];
    this.papers = new this.paperwork.Papers(() => this.record, this.#look);
    this.negotiation = new this.solutions.Negotiation(() => this.record, this.#look);
    this.prints = h("p", { class: "row start prints" });
    this.head = h("header", { class: "head" });
    this.summary = h("div", { class: "summary" });
    this.flags = h("ul", { class: "flags" });
    this.doubts = h("div", {});
    this.result = h("div", { hidden: true }, part("result", "basis", "next_steps"));
    this.contactList = h("ul", { class: "contacts" });
    this.customer = h("qt-customer", { hidden: true });
    this.pairs = h("qt-duplicates", { on: { merged: this.#look } });
    this.files = h("ul", { class: "files" });
    this.noFiles = h("p", { class: "muted" }, t("attachment.none"));
    this.next = h("p", { class: "next" });
    this.trail = h("qt-trail", {});
    this.clocks = h("qt-clocks", {});
    this.dates = h("dl", { class: "fields dates" });
    this.follow = Object.assign(h("qt-following", { class: "row start" }), { forYou: this.forYou, me: this.me, reads: () => this.close !== null && this.empty === "none" });
    this.hold = Object.assign(h("qt-hold", {}), { me: this.me, changed: this.#look });
    this.otherCases = h("nav", { class: "others", "aria-label": t("case.others"), hidden: true });
    this.talks = h("ul", { class: "links" });
    this.post = h("qt-postroom", {});
    this.post.me = this.me;
    fill(
      this,
      this.head,
      h(
        "div",
        { class: "scroll", tabindex: "0", role: "region", "aria-label": t("case.title") },
        this.otherCases,
        this.summary,
        this.clocks,
        this.flags,
        this.pairs,
        this.papers.flag,
        this.prints,
        part("facts", "what_happened", "desired_outcome", "amount", "about", "occurred_on", "name", "contact", "declined"),
        h("h3", {}, t("attachment.of_case")),
        this.files,
        this.noFiles,
        part("judgement", "category", "risk", "disposition"),
        this.doubts,
        this.result,
        this.negotiation.node,
        h("h3", {}, t("case.steps")),
        this.next,
        this.trail,
        part("handling", "assignee", ...(this.me.teams.length || this.record.team ? ["team"] : []), "language"),
        this.follow,
        h("h3", {}, t("case.contacts")),
        this.contactList,
        this.customer,
        h("h3", {}, t("case.dates")),
        this.dates,
        this.hold,
        this.papers.node,
        h("h3", {}, t("case.conversations")),
        this.talks,
        this.post,
      ),
    );
    this.#update();
  }

  #fact(name, kind, more = {}) {
    return new Field({ name, kind, fact: true, record: () => this.record, took: this.took, why: () => this.proofs.fact(name), proof: () => this.proofs.of(`facts.${name}`), ...more });
  }

  #agent(username) {
    if (!username) return t("case.nobody");
    return this.agents.find((one) => one.username === username)?.name ?? username;
  }

  #update() {
    unpressed(this, () => this.fields && this.#draw());
  }

  #draw() {
    const { record } = this;
    this.#head();
    this.#summary();
    Object.values(this.fields).forEach((field) => field.update());
    const finished = ["resolved", "closed"].includes(record.status);
    this.result.hidden = !finished && !record.basis && !record.next_steps;
    fill(this.flags, this.#flags());
    fill(this.doubts, this.proofs.rest());
    fill(this.contactList, this.contacts.map((one) => this.#contact(one)));
    const place = (file) => `/api/v1/conversations/${file.conversation}`;
    const make = (file) => this.attachment(file, place(file), this.me);
    keyed(this.files, this.evidence, { key: (file) => file.id, signature: JSON.stringify, make });
    this.noFiles.hidden = this.evidence.length > 0;
    this.post.show(record.id);
    this.customer.show(record);
    this.follow.show(record.id);
    this.hold.show(record);
    this.pairs.show(record);
    this.#next();
    this.trail.show(record, this.sentences.steps(this.timeline), this.agents);
    this.clocks.show(record);
    fill(this.dates, this.#dates(), this.papers.lag());
    fill(this.prints, this.papers.links());
    const others = (this.others ?? []).filter((id) => id !== record.id);
    this.otherCases.hidden = !others.length;
    fill(this.otherCases, h("span", {}, t("case.others")), others.map((id) => h("a", { href: `/console/cases/${id}` }, this.references?.[id] ?? t("case.another"))));
    // a link that were made anew between press and release would swallow the click
    const link = (id) => h("li", {}, h("a", { href: `/console/conversations/${id}` }, t("case.to_conversation")));
    keyed(this.talks, record.conversations, { key: (id) => id, signature: (id) => id, make: link });
  }

  async #setStatus() {
    const { record } = this;
    const { StatusDialog } = await import("./status.js");
    if (this.record?.id === record.id) new StatusDialog(this.record, this.took).open();
  }

  #head() {
    const { record } = this;
    const sign = JSON.stringify([record.reference, record.status, record.outcome, record.merged_into]);
    if (this.headSign === sign) return;
    this.headSign = sign;
    fill(
      this.head,
      h("div", { class: "title" }, h("h2", { class: "reference" }, record.reference ?? t("case.draft")), h("p", { class: `status ${record.status}` }, term("status", record.status), record.outcome ? ` · ${term("outcome", record.outcome)}` : "")),
      h(
        "div",
        { class: "actions" },
        record.merged_into ? null : h("button", { type: "button", class: record.status === "draft" ? "strong" : "", on: { click: () => this.#setStatus() } }, record.status === "draft" ? t("case.file") : t("case.set_status")),
        this.close ? h("button", { type: "button", class: "quiet only-panel", "aria-label": t("close"), on: { click: () => this.close() } }, icon("close")) : null,
      ),
    );
  }

  #summary() {
    const { record } = this;
    const due = record.feedback_due;
    const open = OPEN.includes(record.status);
    const days = due ? daysLeft(due) : null;
    const tone = !due || !open ? "" : days < 0 ? "over" : days <= 2 ? "soon" : "";
    fill(
      this.summary,
      record.status === "withdrawn" || record.merged_into ? null : h("p", { class: `due ${tone}` }, icon("clock"), due ? [h("strong", {}, t("case.due", { day: day(due) })), open ? h("span", {}, left(due)) : null] : t("case.not_due")),
      h("p", { class: "tags" }, h("span", { class: `tag risk ${record.risk}` }, term("risk", record.risk)), h("span", { class: "tag" }, term("category", record.category)), h("span", { class: "tag" }, term("disposition", record.disposition))),
    );
  }

  #flags() {
    const { record } = this;
    return [
      record.merged_into ? this.#merged() : null,
      record.merged_from?.length ? h("li", { class: "flag merged" }, t("merge.has"), record.merged_from.map((key) => [" ", h("a", { href: `/console/cases/${key}` }, key.includes("-") ? key : t("case.draft"))])) : null,
      this.proofs.alarms(),
      record.words?.reach ? h("li", { class: "flag danger" }, icon("alert"), t("case.reach"), " ", h("q", { lang: record.language }, record.words.reach)) : null,
      record.held_since ? h("li", { class: "flag" }, icon("alert"), t("hold.is")) : null,
      record.erased_at ? h("li", { class: "flag" }, t("hold.erased", { time: whole(record.erased_at) })) : null,
      record.incomplete ? h("li", { class: "flag" }, t("case.incomplete")) : null,
      record.calendar_gap ? h("li", { class: "flag" }, icon("alert"), t("case.calendar_gap")) : null,
      record.judgement?.referral ? h("li", { class: "flag" }, t("case.referral"), " ", record.judgement.referral) : null,
    ];
  }

  /** Under which number it is dealt with now, and the way back. */
  #merged() {
    const into = this.record.merged_into;
    return h("li", { class: "flag merged" }, t("merge.is"), " ", h("a", { href: `/console/cases/${into}` }, into), " ", h("button", { type: "button", class: "link", on: { click: () => this.#takeApart() } }, t("merge.apart_open")));
  }

  async #takeApart() {
    const { record } = this;
    const { takeApart } = await import("./merging.js");
    const done = await takeApart(record).catch(() => null);
    if (done) await this.took(done);
  }

  #contact(one) {
    const state = one.bounced_at ? ["bad", t("contact.bounced")] : one.proof ? ["good", term("proof", one.proof)] : one.kind ? ["", t("contact.typed")] : null;
    const typed = one.kind && !one.proof && !one.bounced_at;
    return h("li", {}, h("span", { class: "address" }, one.address), state ? h("span", { class: `tag ${state[0]}` }, state[1]) : null, typed ? h("button", { type: "button", class: "link", on: { click: () => this.#vouch(one.address) } }, t("contact.vouch")) : null);
  }

  async #vouch(address) {
    const { id } = this.record;
    if (!(await confirmed(t("contact.vouch_sure", { address }), t("contact.vouch"), t("close")))) return;
    await post(`/cases/${id}/contacts/vouch`, { address }).catch(() => {});
    await this.load(id);
  }

  #next() {
    say(this.next, this.sentences.nextStep(this.record));
  }

  #dates() {
    const { record } = this;
    const row = (key, iso) => (iso ? [h("div", { class: "field" }, h("dt", {}, t(`case.${key}`)), h("dd", {}, h("time", { datetime: iso }, whole(iso))))] : []);
    return [row("received_at", record.received_at), row("entered_at", record.entered_at), row("registered_at", record.registered_at)];
  }
}

customElements.define("qt-case", Case);
