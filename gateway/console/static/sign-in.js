// The sign-in page. Also comes up over a session that has ended: what was being written stays in this tab.

import { Problem, signIn } from "./api.js";
import { fill, h, icon } from "./dom.js";
import { told } from "./problems.js";
import { choose, language, LANGUAGES, t, term } from "./words.js";

const { provider } = document.documentElement.dataset; // the institution's own sign-in service, if it has one

class SignIn extends HTMLElement {
  /** Set by the console: called with whoever signed in. */
  done = () => {};
  ended = false;

  connectedCallback() {
    this.said = h("p", { class: "said", role: "alert" });
    const username = h("input", { id: "username", name: "username", autocomplete: "username", required: true, autocapitalize: "none", spellcheck: "false" });
    const password = h("input", { id: "password", name: "password", type: "password", autocomplete: "current-password", required: true });
    this.button = h("button", { class: "strong", type: "submit" }, t("sign_in.submit"));
    const form = h(
      "form",
      { class: "card", on: { submit: (event) => this.#submit(event, username, password) } },
      h("h1", {}, h("span", { class: "mark", "aria-hidden": "true" }, "聽"), t("title")),
      h("p", { class: "muted" }, document.documentElement.dataset.house),
      this.ended ? h("p", { class: "note" }, icon("clock"), t("sign_in.ended")) : null,
      h("label", { for: "username" }, t("sign_in.username")),
      username,
      h("label", { for: "password" }, t("sign_in.password")),
      password,
      this.said,
      this.button,
    );
    fill(this, h("main", { class: "sign-in" }, form, languages()));
    username.focus();
    if (provider) import("./provider.js").then((way) => way.offer(form, [...form.children].slice(-6)));
  }

  async #submit(event, username, password) {
    event.preventDefault();
    this.button.disabled = true;
    this.said.textContent = "";
    try {
      this.done(await signIn({ username: username.value, password: password.value }));
    } catch (error) {
      if (error.code === "second_factor_required") return this.#second(error.document.challenge);
      this.said.textContent = await this.#sentence(error);
      if (error instanceof Problem && error.status === 401) {
        password.value = "";
        password.focus();
      }
    } finally {
      this.button.disabled = false;
    }
  }

  async #second(challenge) {
    const { secondStep } = await import("./second-step.js");
    fill(this.querySelector("main"), await secondStep(challenge, this.done, () => this.connectedCallback(), (error) => this.#sentence(error)));
    this.querySelector("#code").focus();
  }

  async #sentence(error) {
    if (error instanceof Problem && error.code === "password_not_allowed") return (await import("./provider.js")).refused();
    if (error instanceof Problem && error.status === 401) return t("sign_in.wrong");
    if (error instanceof Problem && error.status === 429) {
      const at = new Date(Date.now() + (error.retryAfter ?? 60) * 1000);
      return t("sign_in.throttled", { time: at.toLocaleTimeString(language, { hour: "2-digit", minute: "2-digit" }) });
    }
    return told(error);
  }
}

/** The switch between languages: the page is loaded again, drafts stay. */
export function languages() {
  const options = LANGUAGES.map((one) => h("option", { value: one, selected: one === language, lang: one }, term("languages", one)));
  return h("select", { class: "quiet", "aria-label": t("language_switch"), on: { change: (event) => choose(event.target.value) } }, options);
}

customElements.define("qt-sign-in", SignIn);
