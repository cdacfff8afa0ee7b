// Giving away a conversation of danger to life: it stays urgent until an agent says in words why nobody is in danger any more.

import { h, opened, say } from "./dom.js";
import { t } from "./words.js";

/** Asks for the words. Answers what goes with the request, null for nothing at all; a bot does not get it without them. */
export function askDanger(to) {
  return new Promise((answer) => {
    const why = h("textarea", { id: "no-danger", rows: 3, maxlength: 8000, "aria-describedby": "no-danger-said" });
    const said = h("p", { class: "said", id: "no-danger-said", role: "alert" });
    const submit = (event) => {
      event.preventDefault();
      const words = why.value.trim();
      if (!words && to === "bot") {
        why.setAttribute("aria-invalid", "true");
        say(said, t("danger.needed"));
        why.focus();
        return;
      }
      dialog.close("yes");
    };
    const dialog = h(
      "dialog",
      { "aria-labelledby": "danger-title" },
      h(
        "form",
        { novalidate: true, on: { submit } },
        h("h2", { id: "danger-title" }, t("danger.title")),
        h("p", {}, t(`danger.to_${to}`)),
        h("label", { for: "no-danger" }, t("danger.why")),
        why,
        said,
        h("div", { class: "row end" }, h("button", { type: "button", on: { click: () => dialog.close() } }, t("cancel")), h("button", { type: "submit", class: "strong" }, t(`conversation.to_${to}`))),
      ),
    );
    opened(dialog).then(() => {
      const words = why.value.trim();
      answer(dialog.returnValue === "yes" ? (words ? { no_danger: words } : {}) : null);
    });
  });
}
