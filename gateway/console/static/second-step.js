// The second step of signing in: the code of an app, or a recovery code.

import { Problem, signIn } from "./api.js";
import { h, icon } from "./dom.js";
import { room, t } from "./words.js";

/** A form. `done` is called with whoever has signed in, `back` to begin again; `sentence` says what else went wrong. */
export async function secondStep(challenge, done, back, sentence) {
  await room("second-step");
  const code = h("input", { id: "code", name: "code", autocomplete: "one-time-code", required: true, autocapitalize: "none", spellcheck: "false", maxlength: 40, "aria-describedby": "code-hint" });
  const said = h("p", { class: "said", role: "alert" });
  const button = h("button", { class: "strong", type: "submit" }, t("second_step.submit"));
  const submit = async (event) => {
    event.preventDefault();
    button.disabled = true;
    said.textContent = "";
    try {
      done(await signIn({ challenge, code: code.value }));
    } catch (error) {
      const known = error instanceof Problem && ["wrong_code", "challenge_over"].includes(error.code);
      said.textContent = known ? t(`second_step.${error.code}`) : await sentence(error);
      code.select();
    } finally {
      button.disabled = false;
    }
  };
  return h(
    "form",
    { class: "card", on: { submit } },
    h("h1", {}, t("second_step.title")),
    h("p", { class: "note", id: "code-hint" }, icon("lock"), h("span", {}, t("second_step.hint"))),
    h("label", { for: "code" }, t("second_step.code")),
    code,
    said,
    button,
    h("button", { type: "button", class: "quiet", on: { click: back } }, t("second_step.back")),
  );
}
