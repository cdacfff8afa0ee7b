// Where an answer goes, and what the customer will read there: told beside the field before anything is sent.
//
// What is shown is what the gateway would do, asked of it; nothing leaves by asking.

import { post } from "./api.js";
import { fill, h, icon, opened, say } from "./dom.js";
import { told } from "./problems.js";
import { t, term } from "./words.js";

const PAUSE = 700; // ms without a key before it is asked again

export class Ways {
  constructor(composer) {
    this.composer = composer;
    this.line = h("span", { class: "muted" });
    this.button = h("button", { type: "button", class: "link", on: { click: () => this.#show() } }, t("ways.preview"));
    this.node = h("p", { class: "ways", hidden: true }, this.line, " ", this.button);
  }

  get #path() {
    return `/conversations/${this.composer.id}/messages/preview`;
  }

  #ask(text) {
    return post(this.#path, { text, ...this.composer.sending.body(), ...this.composer.enclosing.body(), ...this.composer.copies.body() });
  }

  /** What is written, or the conversation, has changed. Where it goes doesn't hang on the words: it is asked once for each state. */
  update() {
    const { noting, text, conversation } = this.composer;
    const written = !noting && text.value.trim() !== "";
    this.node.hidden = !written || !this.known;
    const state = written ? JSON.stringify([conversation.channel, conversation.case, conversation.unreachable, conversation.reference]) : null;
    if (!written || state === this.state) return;
    this.state = state;
    clearTimeout(this.soon);
    this.soon = setTimeout(() => this.#look(state), PAUSE);
  }

  async #look(state) {
    try {
      const { ways } = await post(this.#path, { text: t("ways.sample") });
      if (this.state !== state) return;
      this.known = true;
      fill(this.line, ways.map((one) => sentence(one)));
      this.node.classList.toggle("nowhere", ways.some((one) => one.way === "nobody"));
      this.node.hidden = this.composer.noting || this.composer.text.value.trim() === "";
    } catch {
      this.state = null; // an answer that can't be had is asked for again with the next change
    }
  }

  async #show() {
    const text = this.composer.text.value;
    if (!text.trim()) return;
    const { composer } = this;
    const said = h("p", { class: "said", role: "alert" });
    const shown = h("div", { class: "previews" }, h("p", { class: "muted", role: "status" }, t("loading")));
    const dialog = h(
      "dialog",
      { class: "preview-reply", "aria-labelledby": "preview-title" },
      h("div", { class: "row" }, h("h2", { id: "preview-title" }, t("ways.title")), h("button", { type: "button", class: "quiet", "aria-label": t("close"), on: { click: () => dialog.close() } }, icon("close"))),
      said,
      shown,
    );
    opened(dialog).then(() => composer.text.focus());
    try {
      const { hinders } = composer.enclosing;
      if (hinders) {
        fill(shown);
        say(said, hinders); // what has not come up yet can't be shown as it would leave
        return;
      }
      const { ways, notices } = await this.#ask(text);
      const language = composer.conversation.language;
      const around = (when) => notices.filter((one) => one.when === when).map((one) => notice(one.text, language));
      fill(shown, around("before"), ways.map((one) => preview(one, language)), around("after"));
    } catch (error) {
      fill(shown);
      say(said, told(error));
    }
  }
}

function sentence({ way, to, subject, otherwise }) {
  if (way === "webchat") return otherwise ? t("ways.chat_or", { to: otherwise }) : t("ways.chat");
  if (way === "email") return [t("ways.email", { to }), subject ? ` · ${subject}` : ""].join("");
  return to ? t("ways.messenger", { way: term("channels", way) }) : t(`ways.${way}`);
}

/** What the customer reads of the house around the answer. */
function notice(text, language) {
  return h("section", { class: "preview notice" }, h("p", { class: "muted" }, t("replying.notice")), h("div", { class: "text", lang: language }, text));
}

function preview(one, language) {
  const row = (name, value) => (value ? h("div", {}, h("dt", {}, t(`ways.${name}`)), h("dd", {}, value)) : null);
  const mail = one.way === "email";
  return h(
    "section",
    { class: `preview ${one.way}` },
    h("p", { class: "muted" }, sentence({ ...one, subject: null })),
    mail ? h("dl", { class: "letterhead" }, row("from", one.from), row("to", one.to), one.cc.length ? h("div", {}, h("dt", {}, t("replying.cc")), h("dd", {}, one.cc.join(", "))) : null, row("subject", one.subject)) : null,
    h("div", { class: "text", lang: language }, one.text),
    one.files.length ? h("ul", { class: "files", "aria-label": t("enclosing.title") }, one.files.map((name) => h("li", {}, icon("clip"), name))) : null,
  );
}
