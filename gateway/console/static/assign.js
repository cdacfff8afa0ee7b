// Giving a conversation, or many, to a colleague, with a word for them.

import { post } from "./api.js";
import { h, say } from "./dom.js";
import { told } from "./problems.js";
import { t } from "./words.js";

/** Asks to whom, and gives it. Answers the conversation as it is then; null if nothing was done. */
export const give = (conversation, agents) => ask({ agents, send: (body, key) => post(`/conversations/${conversation.id}/assign`, body, key) });

/** Asks to whom. Answers what `send` does with `{agent, note}` and a key; null if nothing was done. `others`: choices besides, as values and words. */
export function ask({ agents, send, title = t("give.title"), needed = t("give.needed"), others = [], noted = true }) {
  return new Promise((answer) => {
    let given = null;
    const choices = [...others, ...agents.map((one) => [one.username, one.name])];
    const whom = h("select", { id: "give-to", required: true }, h("option", { value: "" }, t("give.choose")), choices.map(([value, label]) => h("option", { value }, label)));
    const note = h("textarea", { id: "give-note", rows: 3, maxlength: 8000 });
    const said = h("p", { class: "said", role: "alert" });
    whom.addEventListener("change", () => say(said, ""));
    let sent = { words: "", key: "" }; // the same again under the same key: once; anything else is another request
    const submit = async (event) => {
      event.preventDefault();
      if (!whom.value) {
        say(said, needed);
        whom.focus();
        return;
      }
      const body = { agent: whom.value, note: note.value.trim() || null };
      const words = JSON.stringify(body);
      if (words !== sent.words) sent = { words, key: crypto.randomUUID() };
      button.disabled = true;
      try {
        given = await send(body, sent.key);
        dialog.close();
      } catch (error) {
        say(said, told(error));
      } finally {
        button.disabled = false;
      }
    };
    const button = h("button", { type: "submit", class: "strong" }, t("give.give"));
    const dialog = h(
      "dialog",
      { class: "small", "aria-labelledby": "give-title" },
      h(
        "form",
        { novalidate: true, on: { submit } },
        h("h2", { id: "give-title" }, title),
        h("label", { for: "give-to" }, t("give.to")),
        whom,
        noted ? [h("label", { for: "give-note" }, t("give.note")), note] : null,
        said,
        h("div", { class: "row end" }, h("button", { type: "button", on: { click: () => dialog.close() } }, t("cancel")), button),
      ),
    );
    dialog.addEventListener("close", () => {
      dialog.remove();
      answer(given);
    });
    document.body.append(dialog);
    dialog.showModal();
  });
}
