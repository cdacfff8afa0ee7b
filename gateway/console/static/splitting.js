// Messages of a conversation that tell another matter become a case of their own: which, and why.

import { post } from "./api.js";
import { h, opened, say } from "./dom.js";
import { moment } from "./formats.js";
import { told } from "./problems.js";
import { t, term } from "./words.js";

const LONGEST = 300; // characters of a message; the whole stands in the conversation behind
const REFUSED = ["not_the_customers", "split_before", "several_cases", "leaves_nothing", "proxy", "whose_is_it", "changed_meanwhile"];

const ofCustomer = (conversation) => conversation.messages.filter((one) => one.sender === "customer" && !one.utterance?.superseded);

/** Asks which and why; of a conversation without a case all of them, if nothing else is chosen. Answers the new case; null if nothing was done. */
export function split(conversation) {
  const said = ofCustomer(conversation);
  const first = !conversation.case;
  const named = (key) => t(`split.${first ? `${key}_first` : key}`);
  const boxes = said.map((one) => h("input", { type: "checkbox", value: one.id, checked: first }));
  const about = h("input", { id: "split-about", maxlength: "2000", autocomplete: "off" });
  const why = h("textarea", { id: "split-reason", rows: "2", maxlength: "8000", required: true, "aria-describedby": "split-wrong" });
  const wrong = h("p", { class: "said", id: "split-wrong", role: "alert" });
  const button = h("button", { type: "submit", class: "strong" }, named("do"));
  const choice = h("fieldset", { class: "chosen", "aria-describedby": "split-wrong" }, h("legend", {}, named("which")), said.map((one, at) => row(one, boxes[at])));
  let made = null;
  let sent = { words: "", key: "" }; // the same again under the same key: once
  const submit = async (event) => {
    event.preventDefault();
    const messages = boxes.filter((box) => box.checked).map((box) => box.value);
    const empty = !messages.length ? ["split.none", boxes[0]] : !why.value.trim() ? ["customer.no_reason", why] : null;
    if (empty) {
      say(wrong, t(empty[0]));
      empty[1].focus();
      return;
    }
    const facts = about.value.trim() ? { about: about.value.trim() } : null;
    const body = { messages, reason: why.value.trim(), facts };
    const words = JSON.stringify(body);
    if (words !== sent.words) sent = { words, key: crypto.randomUUID() };
    button.disabled = true;
    try {
      made = await post(`/conversations/${encodeURIComponent(conversation.id)}/split`, body, sent.key);
      dialog.close();
    } catch (error) {
      button.disabled = false;
      say(wrong, REFUSED.includes(error.code) ? term("split_refused", error.code) : told(error));
    }
  };
  const dialog = h(
    "dialog",
    { "aria-labelledby": "split-title" },
    h("h2", { id: "split-title" }, named("title")),
    h("p", { class: "muted" }, named("about")),
    h(
      "form",
      { novalidate: true, on: { submit, input: () => say(wrong, "") } },
      choice,
      h("label", { for: "split-about" }, t("split.of")),
      about,
      h("label", { for: "split-reason" }, first ? t("split.why_first") : t("customer.reason")),
      why,
      wrong,
      h("div", { class: "row end" }, h("button", { type: "button", on: { click: () => dialog.close() } }, t("cancel")), button),
    ),
  );
  return opened(dialog).then(() => made);
}

function row(one, box) {
  const text = one.text.length > LONGEST ? `${one.text.slice(0, LONGEST)}…` : one.text;
  const files = one.attachments.length ? h("span", { class: "muted" }, t("split.files", { n: one.attachments.length })) : null;
  return h("label", { class: "check" }, box, h("span", {}, h("span", { class: "muted" }, moment(one.at)), " ", text, files ? " " : "", files));
}
