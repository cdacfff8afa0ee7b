// Translations, where the house has named a service: of what a customer wrote, under their own words; of an answer, before it is sent.
//
// A translation is shown as what it is, with whose it is. It is kept in this tab alone; nothing is translated or sent that no agent asked for.

import { post, Problem, session } from "./api.js";
import { fill, h, icon, say } from "./dom.js";
import { told } from "./problems.js";
import { language, t, term } from "./words.js";

const HAN_PER_WORD = 1.6;
const known = new Map(); // by conversation and message: a message that is drawn anew keeps its translation
session.addEventListener("forgotten", () => known.clear());

/** Whether a text is in another language than `wanted`. The scripts of Chinese are not told apart here: `usual` says which it is. */
function differs(text, wanted, usual) {
  const han = (text.match(/\p{Script=Han}/gu) ?? []).length / HAN_PER_WORD;
  const words = (text.match(/[A-Za-z]{2,}/g) ?? []).length;
  if (wanted === "en") return han > 0 && han >= words;
  return han >= words ? han > 0 && usual !== "en" && usual !== wanted : words > 0;
}

const ask = (conversation, body) => post(`/conversations/${conversation}/translate`, body);

function why(error, by, words) {
  if (!(error instanceof Problem)) return told(error);
  if (error.code === "translation_failed") return t(words, { by });
  if (error.code === "translation_off") return t("translating.turned_off");
  return error.code === "same_language" ? t("translating.already") : told(error);
}

const link = (words, click) => h("button", { type: "button", class: "link", on: { click } }, words);
const lack = (words, what) => h("p", { class: "lack" }, icon("alert"), " ", t(words, { what: what.join(t("list_comma")) }));

// what a customer wrote -------------------------------------------------------------------------------------------

/** Offers in `place` to translate one message for whoever reads; `grown` is called once it takes more room. */
export function offer(place, one, conversation, grown) {
  const key = `${conversation.id}/${one.id}`;
  if (known.get(key)?.of !== one.text) known.delete(key);
  if (!differs(one.text, language, conversation.language)) return;
  const said = h("p", { role: "status" });
  const show = (focus = false) => {
    const found = known.get(key);
    fill(place, found ? shown(found, hide) : link(t("translating.offer"), translate), said);
    place.hidden = false;
    if (focus) place.querySelector("button").focus();
    grown();
  };
  const hide = (event) => {
    event.stopPropagation(); // a click on what was said in a call plays it
    known.delete(key);
    show(true);
  };
  const translate = async (event) => {
    event.stopPropagation();
    const button = event.currentTarget;
    if (button.getAttribute("aria-disabled") === "true") return;
    button.setAttribute("aria-disabled", "true");
    say(said, t("translating.asked"));
    try {
      known.set(key, { of: one.text, ...(await ask(conversation.id, { message: one.id, to: language })) });
      say(said, "");
      show(document.activeElement === button);
    } catch (error) {
      button.removeAttribute("aria-disabled");
      say(said, why(error, error.document?.by, "translating.failed_here"));
      grown();
    }
  };
  show();
}

function shown(found, hide) {
  return [
    h("p", { class: "machine", lang: found.to }, found.text),
    found.lost.length ? lack("translating.lost_here", found.lost) : null,
    h("p", { class: "muted" }, t("translating.by", { by: found.by }), " ", link(t("translating.hide"), hide)),
  ];
}

// an answer that is being written ---------------------------------------------------------------------------------

/** Above the field of a composer: the way into the customer's language, and the way back to the agent's own words. */
export class Drafting {
  constructor(composer) {
    this.composer = composer;
    this.place = `qt.own.${composer.id}`; // the agent's own words, as long as a translation stands in the field
    this.kept = JSON.parse(sessionStorage.getItem(this.place) ?? "null");
    this.said = h("p", { role: "status" });
    this.box = h("div", { class: "translating" });
    fill(composer.translating, this.box, this.said);
    this.update();
  }

  /** What is written, or the conversation, has changed. */
  update() {
    const { noting, text, conversation } = this.composer;
    const written = !noting && text.value.trim() !== "";
    if (!noting && !written) this.#keep(null);
    const wanted = conversation.language;
    const offered = written && !this.kept && differs(text.value, wanted, language);
    if (this.asked !== undefined && this.asked !== text.value) this.asked = undefined;
    if (this.heard !== undefined && this.heard !== text.value) this.#say("");
    const lost = (this.kept?.lost ?? []).filter((one) => !text.value.includes(one));
    this.composer.translating.hidden = !written || !(offered || this.kept || this.said.textContent);
    const sign = JSON.stringify([written && this.kept, offered, lost, wanted]);
    if (sign === this.sign) return;
    this.sign = sign;
    fill(
      this.box,
      written && this.kept
        ? [
            lost.length ? lack("translating.lost", lost) : null,
            h("p", { class: "muted" }, t("translating.draft_by", { by: this.kept.by }), " ", link(t("translating.back"), () => this.#back())),
          ]
        : offered
          ? link(t("translating.draft", { language: term("languages", wanted) }), () => this.#translate(wanted))
          : null,
    );
  }

  #say(words) {
    say(this.said, words);
    this.heard = words ? this.composer.text.value : undefined;
  }

  #keep(kept) {
    this.kept = kept;
    if (kept) sessionStorage.setItem(this.place, JSON.stringify(kept));
    else sessionStorage.removeItem(this.place);
  }

  async #translate(to) {
    const { composer } = this;
    const own = composer.text.value;
    if (this.asked === own) return;
    this.asked = own;
    this.#say(t("translating.asked"));
    try {
      const found = await ask(composer.id, { text: own, to, writer: language });
      if (!composer.node.isConnected) return;
      if (composer.noting || composer.text.readOnly || composer.text.value !== own) {
        this.#say(composer.noting ? "" : t("translating.moved"));
        return;
      }
      this.#say("");
      this.#keep({ own, lost: found.lost, by: found.by });
      this.#put(found.text);
    } catch (error) {
      if (composer.text.value === own) this.#say(why(error, error.document?.by, "translating.failed"));
    } finally {
      this.asked = undefined;
      this.update();
    }
  }

  #back() {
    if (this.composer.text.readOnly) return; // it is being sent
    const { own } = this.kept;
    this.#keep(null);
    this.#put(own);
  }

  #put(words) {
    const { text } = this.composer;
    text.value = words;
    text.dispatchEvent(new Event("input", { bubbles: true }));
    text.focus();
  }
}
