// What the record rests on: the customer's words beside each fact and each judgement, with the way to where they stand, and who has
// corrected it and when. Another value that the words hold is taken with one click; what was corrected is put back with one.

import { get, patch, Problem } from "./api.js";
import { h, icon, nothingHasFocus } from "./dom.js";
import { clock, money, moment, percent, whole } from "./formats.js";
import { told } from "./problems.js";
import { t, term } from "./words.js";

const LONG = 24; // characters from which quoted words may need a second line, and stand in their sentence as words do
const LONGEST = 400; // characters of a quotation; the whole is one click away
const JUDGED = ["category", "risk", "disposition"];
const HEARD = ["kind", "scope", "emotion", "intents", "doubts"];

/** A reason code in words; codes made of two (`facts_needed_delay`) by their parts. */
export function reason(code) {
  for (const prefix of ["routine", "facts_needed", "doubt"]) {
    if (code.startsWith(`${prefix}_`)) return t(`reason_with.${prefix}`, { reason: term("reasons", code.slice(prefix.length + 1)) });
  }
  return term("reasons", code);
}

export class Evidence {
  items = [];

  constructor(view) {
    this.view = view; // the case, for what a call has heard and how it is played
  }

  /** What there is for the case at this path; kept by whoever still shows that case when it comes. */
  async fetched(path) {
    return (await get(`${path}/evidence`).catch(() => ({ items: [] }))).items;
  }

  get #record() {
    return this.view.record;
  }

  of(about) {
    return this.items.find((one) => one.about === about) ?? null;
  }

  /** Beside a fact: how it was heard, its words, where else it came from, what became of it. */
  fact(name) {
    const record = this.#record;
    const proof = this.of(`facts.${name}`);
    return [
      this.#heard(name),
      proof ? this.#words(proof, record.words?.[name] ? t("case.words") : proof.corrected?.kind === "corrected" ? t("evidence.read_first") : "") : null,
      proof && ["form", "sender"].includes(proof.source) ? h("p", { class: "evidence" }, t(`evidence.${proof.source}`)) : null,
      record.declined.includes(name) ? h("p", { class: "evidence" }, t("case.declined_this")) : null,
      this.#corrected(proof, name),
      this.#rivals(proof, name),
    ];
  }

  /** Other sums, days and contacts that the customer's words hold: each a button, with the way to where it was said. */
  #rivals(proof, name) {
    if (!proof?.rivals?.length) return null;
    const choose = (one) => {
      const value = shown(name, one.value);
      const label = t("beside.choose", { field: term("facts", name), value, words: one.words });
      return h("li", {}, h("button", { type: "button", class: "rival", "data-writes": true, "aria-label": label, title: label, on: { click: ({ currentTarget }) => this.#correct({ facts: { [name]: one.value } }, name, currentTarget) } }, value), " ", this.quote(one));
    };
    return h("div", { class: "evidence rivals" }, h("span", {}, t("beside.also_said")), h("ul", { "aria-label": t("beside.also_said") }, proof.rivals.map(choose)));
  }

  /** A correction by one click, on the record as it is shown: what somebody has changed meanwhile is fetched and said, not overwritten. */
  async #correct(change, name, button) {
    const { view } = this;
    const field = view.fields[name];
    const { id, version } = view.record;
    button.disabled = true;
    try {
      const shown = view.took(await patch(`/cases/${id}`, version, change));
      if (nothingHasFocus()) field.edit.focus();
      await shown;
    } catch (error) {
      const late = error instanceof Problem && error.status === 412;
      if (view.record?.id !== id) return;
      if (late) await view.load(id);
      button.disabled = false;
      (button.isConnected ? button : field.value.lastChild).after(h("p", { class: "said", role: "alert" }, late ? t("case.changed_elsewhere") : told(error)));
    }
  }

  #heard(name) {
    const { view } = this;
    const confidence = this.#record.corrected.includes(name) ? null : this.#record.evidence?.[`${name}.confidence`];
    const at = view.heard?.[name]?.start;
    if (!confidence && at === undefined) return null;
    const second = at === undefined ? null : view.playFrom ? h("button", { type: "button", class: "second", "aria-label": t("call.play_from", { time: clock(at) }), on: { click: () => view.playFrom?.(at) } }, icon("play"), clock(at)) : h("span", { class: "second" }, t("call.at", { time: clock(at) }));
    return h("p", { class: "evidence" }, second, confidence ? h("span", { class: "tag unsure" }, t("call.to_confirm", { percent: percent(Number(confidence)) })) : null);
  }

  #words(proof, before) {
    const { words, value } = proof;
    if (!words || (words.trim() === String(value ?? "").trim() && !proof.places.length)) return null;
    // a story that stands in the field word for word is not said twice: only the way to it
    const again = words.trim() === String(value ?? "").trim();
    return h("p", { class: "evidence" }, before ? `${before} ` : "", again ? null : this.quote(proof), this.#ways(proof, again ? 0 : 1));
  }

  /** The words, as a link to where they stand if they do. */
  quote(proof) {
    const words = proof.words.length > LONGEST ? `${proof.words.slice(0, LONGEST)}…` : proof.words;
    const [first] = proof.places;
    return h("q", { lang: this.#record.language }, first ? h("a", { class: words.length > LONG ? "to-words long" : "to-words", href: way(first), title: t("evidence.show") }, words) : words);
  }

  /** Links to the other places: a story that was told in several messages. */
  #ways(proof, from) {
    return proof.places.slice(from, from + 8).map((place, at) => [" ", h("a", { class: "to-words", href: way(place), title: t("evidence.show") }, at + from ? t("evidence.place", { n: at + from + 1 }) : t("evidence.original"))]);
  }

  #corrected(proof, name) {
    const found = proof?.corrected;
    if (!found) return null;
    const before = found.kind === "corrected" ? shown(name, found.before) : "";
    const said = found.kind === "corrected" && proof.said_as ? [" ", t("beside.said_as"), " ", this.quote(proof.said_as)] : null;
    return h("p", { class: "evidence corrected" }, icon(found.kind === "confirmed" ? "check" : "edit"), h("span", {}, t(`evidence.${found.kind}`, { name: found.by, before }), " ", h("time", { datetime: found.at, title: whole(found.at) }, moment(found.at)), said, this.#undo(proof, name)));
  }

  /** Back to what it was before a person set it; that is a correction again, and says so. */
  #undo(proof, name) {
    const { kind, before } = proof.corrected;
    const judged = JUDGED.includes(name);
    if (kind !== "corrected" || JSON.stringify(before) === JSON.stringify(proof.value) || (judged && !before)) return null;
    const change = judged ? { [name]: before } : { facts: { [name]: before } };
    const label = t("beside.undo_to", { field: term(judged ? "fields" : "facts", name), value: shown(name, before) });
    return [" ", h("button", { type: "button", class: "link undo", "data-writes": true, "aria-label": label, title: label, on: { click: ({ currentTarget }) => this.#correct(change, name, currentTarget) } }, t("beside.undo"))];
  }

  /** Beside category, risk and disposition: the reason, its words, who has judged otherwise. */
  judged(name) {
    const proof = this.of(`judgement.${name}`);
    if (!proof) return null;
    const otherwise = proof.corrected && proof.judged !== proof.value;
    return [
      this.#corrected(proof, name),
      h("p", { class: "evidence" }, otherwise ? `${t("evidence.judged_first", { value: term(name, proof.judged) })} ` : "", reason(proof.reason), proof.words ? [" ", this.quote(proof)] : null),
    ];
  }

  /** What else was judged and heard: kind, whose matter it is, how the customer feels, what they want, what is doubtful. */
  rest() {
    const rows = this.items.filter((one) => HEARD.includes(one.about.split(".")[1]) && one.about.startsWith("judgement."));
    const version = this.#record.judgement?.policy_version;
    return [
      rows.length ? h("ul", { class: "heard", "aria-label": t("evidence.heard") }, rows.map((one) => this.#row(one))) : null,
      version ? h("p", { class: "muted policy" }, t("case.policy", { version })) : null,
    ];
  }

  #row(proof) {
    const name = proof.about.split(".")[1];
    const doubt = name === "doubts";
    const value = doubt ? reason(proof.value) : term(`heard_${name}`, proof.value);
    const why = doubt || proof.reason === "said_so" ? "" : reason(proof.reason);
    return h("li", { class: doubt ? "doubt" : name }, h("strong", {}, `${t(doubt ? "case.doubt" : `evidence.${name}`)} `), [value, why].filter(Boolean).join(" · "), proof.words ? [" ", this.quote(proof)] : null);
  }

  alarms() {
    return this.items.filter((one) => one.about === "judgement.alarms").map((one) => h("li", { class: "flag danger" }, icon("alert"), reason(one.value), one.words ? [" ", this.quote(one)] : null));
  }
}

/** The address of words in a conversation: the page that opens it shows and marks them. */
function way(place) {
  return `/console/conversations/${place.conversation}#words=${[place.message, place.start, place.end, place.part].join(",")}`;
}

function shown(name, value) {
  if (value === null || value === undefined || value === "") return t("empty");
  if (typeof value === "object") return money(value);
    const text = JUDGED.includes(name) ? term(name, value) : String(value);
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}
