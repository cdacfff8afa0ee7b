// The notes that call whoever sits here, each with the way to its conversation.

import { h, icon } from "./dom.js";
import { moment, whole } from "./formats.js";
import { called } from "./notes.js";
import { t } from "./words.js";

/** `open` goes to a conversation. */
export function showMentions(items, open) {
  const card = ({ note, customer, seen_at }) => {
    const go = (event) => {
      event.preventDefault();
      dialog.close();
      open(note.conversation);
    };
    return h(
      "li",
      { class: `card${seen_at === null ? " unseen-note" : ""}` },
      h("p", { class: "meta" }, h("strong", {}, note.author_name), h("time", { datetime: note.at, title: whole(note.at) }, moment(note.at))),
      h("p", { class: "text" }, called(note)),
      h("p", {}, h("a", { href: `/console/conversations/${note.conversation}`, on: { click: go } }, customer || t("conversation.nameless"))),
    );
  };
  const list = h("ul", { class: "cards" });
  const dialog = h(
    "dialog",
    { "aria-labelledby": "mentions-title" },
    h("div", { class: "row" }, h("h2", { id: "mentions-title" }, t("mentions.title")), h("button", { type: "button", "aria-label": t("close"), class: "quiet", on: { click: () => dialog.close() } }, icon("close"))),
    items.length ? list : h("p", { class: "muted" }, t("mentions.none")),
  );
  list.append(...items.map(card));
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}
