// One's own account: the password, the second factor, where one is signed in.

import { call, Problem, session } from "./api.js";
import { fill, h, say } from "./dom.js";
import { told } from "./problems.js";
import { sheet } from "./sections.js";
import { Second } from "./settings-me-second.js";
import { Sessions } from "./settings-me-sessions.js";
import { t, term } from "./words.js";

class Me extends HTMLElement {
  connectedCallback() {
    sheet("settings-me.css");
    const { held } = this.me;
    fill(
      this,
      h("h2", {}, t("settings_me.title")),
      h("dl", { class: "fields" }, [["name", this.me.name], ["username", this.me.username], ["role", term("role", this.me.role)]].map(([key, value]) => h("div", {}, h("dt", {}, t(`settings_me.${key}`)), h("dd", {}, value)))),
      held === "second_factor" ? null : this.#password(),
      held === "password" ? null : new Second(held === "second_factor").node,
      held ? null : new Sessions().node,
    );
  }

  #password() {
    const field = (id, autocomplete) => h("input", { id, type: "password", autocomplete, required: true });
    const [old, fresh, again] = [field("password-old", "current-password"), field("password-new", "new-password"), field("password-again", "new-password")];
    const said = h("p", { class: "said", role: "alert" });
    const button = h("button", { type: "submit", class: "strong" }, t("settings_me.change"));
    const labelled = (input, key) => h("div", {}, h("label", { for: input.id }, t(`settings_me.${key}`)), input);
    const change = async (event) => {
      event.preventDefault();
      if (fresh.value !== again.value) return say(said, t("settings_me.differ"));
      if (fresh.value === old.value) return say(said, t("settings_me.same"));
      say(said, "");
      button.disabled = true;
      try {
        await call("POST", "/agents/me/password", { old: old.value, new: fresh.value });
        session.dispatchEvent(new Event("ended")); // every session of the account has ended, this one too
      } catch (error) {
        say(said, error instanceof Problem && error.code === "wrong_credentials" ? t("settings_me.wrong") : told(error));
      } finally {
        button.disabled = false;
      }
    };
    return h("form", { class: "narrow", on: { submit: change } }, h("h3", {}, t("settings_me.password")), labelled(old, "old"), labelled(fresh, "new"), labelled(again, "again"), h("p", { class: "hint" }, t("settings_me.ends")), said, h("div", {}, button));
  }
}

customElements.define("qt-settings-me", Me);
