// Accounts: who there is, what they may do, and what becomes of their work when they go. Administrators alone come here.

import { call, get, post, Problem } from "./api.js";
import { confirmed, fill, h, say } from "./dom.js";
import { told } from "./problems.js";
import { sheet } from "./sections.js";
import { t, term } from "./words.js";

const ROLES = ["agent", "supervisor", "compliance", "admin"];
const TAGS = ["zh-Hans", "zh-Hant", "en"];

class Agents extends HTMLElement {
  connectedCallback() {
    sheet("settings-keys.css");
    sheet("settings-agents.css");
    this.said = h("p", { class: "said", role: "alert" });
    this.once = h("div", {});
    this.form = h("div", {});
    this.list = h("div", {});
    fill(this, h("h2", {}, t("settings_agents.title")), this.once, this.form, this.said, this.list);
    this.#button();
    this.load();
  }

  async load() {
    try {
      const { items } = await get("/agents");
      this.all = items;
      const [open, closed] = [items.filter((one) => one.active), items.filter((one) => !one.active)];
      const rows = (some) => h("ul", { class: "plain accounts" }, some.map((one) => this.#row(one)));
      fill(this.list, rows(open), closed.length ? h("details", {}, h("summary", {}, t("settings_agents.closed", { n: closed.length })), rows(closed)) : null);
      const here = this.all.filter((one) => one.active);
      this.agents?.splice(0, Infinity, ...here); // the lists of colleagues elsewhere in the console
    } catch (error) {
      say(this.said, told(error));
    }
  }

  #button() {
    fill(this.form, h("button", { type: "button", class: "strong", on: { click: () => this.#edit(null) } }, t("settings_agents.add")));
  }

  #row(one) {
    const itself = one.username === this.me.username;
    return h(
      "li",
      {},
      h(
        "div",
        {},
        h("strong", {}, one.name),
        h("span", { class: "tag" }, term("role", one.role)),
        itself ? h("span", { class: "tag good" }, t("settings_agents.you")) : null,
        h("p", { class: "muted" }, h("span", {}, one.username), [one.post, one.contact].filter(Boolean).map((words) => h("span", {}, words)), one.languages.length ? h("span", {}, one.languages.map((tag) => term("languages", tag)).join(", ")) : null, one.skills.length ? h("span", {}, one.skills.join(", ")) : null, one.most ? h("span", {}, t("settings_agents.at_most", { n: one.most })) : null),
      ),
      one.active
        ? h("button", { type: "button", "aria-label": t("settings_agents.change_one", { name: one.name }), on: { click: () => this.#edit(one) } }, t("settings_agents.change"))
        : h("button", { type: "button", "aria-label": t("settings_agents.reopen_one", { name: one.name }), on: { click: () => this.#do(() => this.#patch(one, { active: true })) } }, t("settings_agents.reopen")),
    );
  }

  // one account ------------------------------------------------------------------------------------------------

  async #edit(one) {
    const field = (name, more = {}) => h("input", { id: `agent-${name}`, value: one?.[name] ?? "", ...more });
    const username = one ? null : field("username", { required: true, maxlength: 32, pattern: "[a-z0-9][a-z0-9._@\\-]*", autocapitalize: "none", spellcheck: "false", autocomplete: "off", "aria-describedby": "agent-username-hint" });
    const name = field("name", { required: true, maxlength: 60 });
    const [thePost, contact] = [field("post", { maxlength: 200 }), field("contact", { maxlength: 320 })];
    const role = h("select", { id: "agent-role", "aria-describedby": "agent-role-hint", on: { change: () => say(roleHint, t(`settings_agents.role_${role.value}`)) } }, ROLES.map((value) => h("option", { value, selected: value === (one?.role ?? "agent") }, term("role", value))));
    const roleHint = h("p", { class: "hint", id: "agent-role-hint" }, t(`settings_agents.role_${one?.role ?? "agent"}`));
    const language = h("select", { id: "agent-language" }, [["", t("settings_agents.as_browser")], ...TAGS.map((tag) => [tag, term("languages", tag)])].map(([value, label]) => h("option", { value, selected: value === (one?.language ?? "") }, label)));
    const tags = TAGS.map((tag) => h("input", { type: "checkbox", value: tag, checked: Boolean(one?.languages.includes(tag)) }));
    const skills = h("input", { id: "agent-skills", value: one?.skills.join(", ") ?? "", "aria-describedby": "agent-skills-hint" });
    const most = h("input", { id: "agent-most", type: "number", min: 1, max: 100, value: one?.most ?? "" });
    const said = h("p", { class: "said", role: "alert" });
    const labelled = (input, key, hint) => h("div", {}, h("label", { for: input.id }, t(`settings_agents.${key}`)), input, hint);
    const submit = async (event) => {
      event.preventDefault();
      say(said, "");
      const shown = {
        name: name.value,
        post: thePost.value,
        contact: contact.value,
        role: role.value,
        language: language.value || null,
        languages: tags.filter((box) => box.checked).map((box) => box.value),
        skills: skills.value.split(/[,，、\s]+/).filter(Boolean),
        most: most.value ? Number(most.value) : null,
      };
      try {
        if (one) {
          if (!(await this.#sure(one, shown))) return;
          await this.#patch(one, shown);
        } else this.#tell(await post("/agents", { username: username.value, ...shown }));
        this.#button();
        await this.load();
      } catch (error) {
        say(said, this.#sentence(error));
      }
    };
    fill(
      this.form,
      h(
        "form",
        { class: "account", on: { submit } },
        h("h3", {}, one ? t("settings_agents.change_one", { name: one.name }) : t("settings_agents.add")),
        username ? labelled(username, "username", h("p", { class: "hint", id: "agent-username-hint" }, t("settings_agents.username_hint"))) : null,
        labelled(name, "name"),
        labelled(role, "role", roleHint),
        labelled(thePost, "post"),
        labelled(contact, "contact"),
        h("fieldset", {}, h("legend", {}, t("settings_agents.languages")), tags.map((box) => h("label", { class: "scope" }, box, term("languages", box.value)))),
        labelled(skills, "skills", h("p", { class: "hint", id: "agent-skills-hint" }, t("settings_agents.skills_hint"))),
        labelled(most, "most"),
        labelled(language, "language"),
        said,
        h("div", { class: "row start" }, h("button", { type: "submit", class: "strong" }, t(one ? "save" : "settings_agents.make")), h("button", { type: "button", on: { click: () => this.#button() } }, t("cancel"))),
      ),
      one ? this.#access(one) : null,
    );
    (username ?? name).focus();
    this.form.scrollIntoView({ block: "start" });
  }

  /** Who takes their own rights away is asked twice. */
  async #sure(one, shown) {
    if (one.username !== this.me.username || shown.role === one.role) return true;
    const asked = (key) => confirmed(t(key, { role: term("role", shown.role) }), t("settings_agents.give_up"), t("cancel"));
    return (await asked("settings_agents.own_role")) && (await asked("settings_agents.own_role_again"));
  }

  /** How they sign in, and closing the account: with what stands and falls with it, in figures. */
  #access(one) {
    const facts = h("p", { class: "muted", role: "status" }, t("loading"));
    const act = (key, work) => h("button", { type: "button", on: { click: work } }, t(`settings_agents.${key}`));
    const password = async () => {
      if (await confirmed(t("settings_agents.password_sure", { name: one.name }), t("settings_agents.password"), t("cancel"))) await this.#do(async () => this.#tell({ ...one, ...(await post(`/agents/${one.username}/password`, {})) }));
    };
    const second = async () => {
      if (await confirmed(t("settings_agents.second_sure", { name: one.name }), t("settings_agents.second"), t("cancel"))) await this.#do(() => post(`/agents/${one.username}/second-factor/reset`, {}));
    };
    const sessions = () => this.#do(() => post(`/agents/${one.username}/sessions/end`, {}));
    const area = h("section", { class: "access", "aria-label": t("settings_agents.access") }, h("h3", {}, t("settings_agents.access")), facts);
    get(`/agents/${one.username}/work`).then(
      (work) => {
        say(facts, t("settings_agents.facts", { sessions: work.sessions, second: t(`settings_agents.second_${work.second_factor ? "on" : "off"}`) }));
        area.append(h("div", { class: "row start" }, act("password", password), work.second_factor ? act("second", second) : null, work.sessions ? act("sessions", sessions) : null, act("close", () => this.#close(one, work))));
      },
      (error) => say(facts, told(error)),
    );
    return area;
  }

  async #close(one, work) {
    const others = this.all.filter((other) => other.active && other.username !== one.username && other.role !== "compliance");
    const to = h("select", { id: "close-to" }, h("option", { value: "" }, t("settings_agents.to_queue")), others.map((other) => h("option", { value: other.username }, other.name)));
    const said = h("p", { class: "said", role: "alert" });
    const left = work.conversations || work.cases;
    const submit = async (event) => {
      event.preventDefault();
      if (one.username === this.me.username && !(await confirmed(t("settings_agents.close_own"), t("settings_agents.close"), t("cancel")))) return;
      try {
        await post(`/agents/${one.username}/close`, { to: left && to.value ? to.value : null });
        dialog.close();
        this.#button();
        await this.load();
      } catch (error) {
        say(said, this.#sentence(error));
      }
    };
    const dialog = h(
      "dialog",
      { class: "small", "aria-labelledby": "close-title", on: { close: () => dialog.remove() } },
      h(
        "form",
        { on: { submit } },
        h("h2", { id: "close-title" }, t("settings_agents.close_title", { name: one.name })),
        h("p", {}, left ? t("settings_agents.leaves", { conversations: work.conversations, cases: work.cases }) : t("settings_agents.leaves_nothing")),
        left ? h("div", {}, h("label", { for: "close-to" }, t("settings_agents.goes_to")), to, h("p", { class: "hint" }, t("settings_agents.urgent_queue"))) : null,
        said,
        h("div", { class: "row end" }, h("button", { type: "button", on: { click: () => dialog.close() } }, t("cancel")), h("button", { type: "submit", class: "strong" }, t("settings_agents.close"))),
      ),
    );
    document.body.append(dialog);
    dialog.showModal();
  }

  // what is done -----------------------------------------------------------------------------------------------

  #patch(one, shown) {
    return call("PATCH", `/agents/${one.username}`, shown);
  }

  async #do(work) {
    say(this.said, "");
    try {
      await work();
      this.#button();
      await this.load();
    } catch (error) {
      say(this.said, this.#sentence(error));
    }
  }

  /** The password, this once. */
  #tell(made) {
    const password = h("code", { tabindex: "0" }, made.one_time_password);
    const copied = h("span", { role: "status", class: "muted" });
    const copy = async () => say(copied, (await navigator.clipboard?.writeText(made.one_time_password).then(() => true, () => false)) ? t("settings_agents.copied") : "");
    fill(this.once, h("div", { class: "once" }, h("p", {}, t("settings_agents.once", { name: made.name, username: made.username })), h("p", {}, password), h("div", { class: "row start" }, h("button", { type: "button", on: { click: copy } }, t("settings_agents.copy")), h("button", { type: "button", class: "strong", on: { click: () => fill(this.once) } }, t("settings_agents.told")), copied)));
    password.focus();
  }

  #sentence(error) {
    if (!(error instanceof Problem)) return told(error);
    if (error.code === "has_work") return t("settings_agents.has_work", { conversations: error.document.conversations, cases: error.document.cases });
    if (["last_admin", "name_taken"].includes(error.code)) return t(`settings_agents.${error.code}`);
    return told(error);
  }
}

customElements.define("qt-settings-agents", Agents);
