// Whither conversations or cases go, and why: asked once for all that are chosen. The reason stays in the trail of each.

import { h, opened, say } from "./dom.js";
import { told } from "./problems.js";
import { t, term } from "./words.js";

export const QUEUE = "(queue)"; // no username looks like these
export const NOBODY = "(nobody)";

/** Answers what `send` does with whom and why; null if nothing was done. */
export function whither({ n, cases, agents, send }) {
  return new Promise((answer) => {
    let done = null;
    const standing = (one) => t("supervise_now.standing", { name: one.name, there: term("supervise_now_there", one.there), n: cases ? one.open : one.agents });
    const nowhere = cases ? [NOBODY, t("bulk.nobody")] : [QUEUE, t("conversation.to_queue")];
    const here = agents.filter((one) => one.there !== "away");
    const away = agents.filter((one) => one.there === "away");
    const group = (name, some) => (some.length ? h("optgroup", { label: t(`supervise_now.${name}`) }, some.map((one) => h("option", { value: one.username }, standing(one)))) : null);
    const whom = h("select", { id: "move-to" }, h("option", { value: "" }, t("give.choose")), h("option", { value: nowhere[0] }, nowhere[1]), group("are_here", here), group("are_away", away));
    const why = h("input", { id: "move-why", maxlength: 500, autocomplete: "off", "aria-describedby": "move-about" });
    const said = h("p", { class: "said", role: "alert" });
    for (const field of [whom, why]) field.addEventListener("input", () => say(said, ""));
    const submit = async (event) => {
      event.preventDefault();
      const lacks = !whom.value ? [whom, "move_whom_needed"] : !why.value.trim() ? [why, "move_why_needed"] : null;
      if (lacks) {
        say(said, t(`supervise_now.${lacks[1]}`));
        lacks[0].focus();
        return;
      }
      button.disabled = true;
      try {
        done = await send(whom.value, why.value.trim());
        dialog.close();
      } catch (error) {
        say(said, told(error));
      } finally {
        button.disabled = false;
      }
    };
    const button = h("button", { type: "submit", class: "strong" }, t("supervise_now.move_do"));
    const dialog = h(
      "dialog",
      { class: "small", "aria-labelledby": "move-title" },
      h(
        "form",
        { novalidate: true, on: { submit } },
        h("h2", { id: "move-title" }, t("supervise_now.move_title", { n })),
        h("label", { for: "move-to" }, t("give.to")),
        whom,
        h("label", { for: "move-why" }, t("supervise_now.move_why")),
        why,
        h("p", { class: "hint", id: "move-about" }, t("supervise_now.move_about")),
        said,
        h("div", { class: "row end" }, h("button", { type: "button", on: { click: () => dialog.close() } }, t("cancel")), button),
      ),
    );
    opened(dialog).then(() => answer(done));
  });
}
