// Who follows a case, and whether whoever looks at it does.

import { get } from "./api.js";
import { fill, h, icon, say } from "./dom.js";
import { bind } from "./keys.js";
import { told } from "./problems.js";
import { t } from "./words.js";

class Following extends HTMLElement {
  forYou = null;
  me = null;
  reads = () => false; // whether a conversation about the case is open beside it

  connectedCallback() {
    this.button = h("button", { type: "button", "data-act": "follow", on: { click: () => this.toggle() } });
    this.who = h("span", { class: "muted" });
    this.said = h("span", { class: "said", role: "alert" });
    fill(this, this.button, this.who, this.said);
    this.forYou.addEventListener("change", this.#changed);
    this.letGo = bind({ f: () => this.toggle() });
  }

  disconnectedCallback() {
    this.forYou.removeEventListener("change", this.#changed);
    this.letGo();
  }

  async show(caseId) {
    if (!this.isConnected) return; // the case came when its place had been left
    if (this.caseId !== caseId) this.followers = [];
    this.caseId = caseId;
    this.#render();
    await this.#took(get(`/cases/${caseId}/followers`), caseId);
    this.#changed();
  }

  // what is new is not new to whoever has it before their eyes; that the customer wrote is seen in the thread alone
  #changed = () => {
    this.#render();
    const news = this.forYou.newsOf(this.caseId);
    const read = news?.action !== "wrote" || this.reads(this.caseId);
    if (news && read && this.offsetParent && document.visibilityState === "visible") this.forYou.looked(this.caseId);
  };

  async toggle() {
    const { caseId } = this;
    if (!caseId || this.button.disabled) return;
    this.button.disabled = true;
    await this.#took(this.forYou.follow(caseId, !this.forYou.follows(caseId)), caseId);
    this.button.disabled = false;
  }

  async #took(asked, caseId) {
    try {
      const { followers } = await asked;
      if (this.caseId === caseId) this.followers = followers;
      say(this.said, "");
    } catch (error) {
      say(this.said, told(error));
    }
    this.#render();
  }

  #render = () => {
    const follows = this.forYou.follows(this.caseId);
    const sign = `${this.caseId} ${follows}`;
    if (this.sign !== sign) fill(this.button, icon("eye"), t(follows ? "following.leave" : "following.follow"));
    this.sign = sign;
    const others = this.followers.filter((one) => one.username !== this.me.username).map((one) => one.name);
    const names = [...(follows ? [t("following.you")] : []), ...others];
    say(this.who, names.length ? t("following.by", { names: names.join(t("list_comma")) }) : t("following.nobody"));
  };
}

customElements.define("qt-following", Following);
