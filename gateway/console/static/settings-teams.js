// Teams: who belongs to them. Made, changed, closed and opened again; administrators alone come here.

import { call, get, post, Problem } from "./api.js";
import { confirmed, fill, h, say } from "./dom.js";
import { told } from "./problems.js";
import { sheet } from "./sections.js";
import { t } from "./words.js";

class Teams extends HTMLElement {
  connectedCallback() {
    sheet("settings-keys.css");
    sheet("settings-agents.css");
    this.said = h("p", { class: "said", role: "alert" });
    this.form = h("div", {});
    this.list = h("div", {});
    fill(this, h("h2", {}, t("settings_teams.title")), h("p", { class: "hint" }, t("settings_teams.what")), this.form, this.said, this.list);
    this.#button();
    this.load();
  }

  async load() {
    try {
      const { items } = await get("/teams");
      const [open, closed] = [items.filter((one) => one.active), items.filter((one) => !one.active)];
      const rows = (some) => h("ul", { class: "plain accounts" }, some.map((one) => this.#row(one)));
      fill(this.list, open.length ? rows(open) : h("p", { class: "empty" }, t("settings_teams.none")), closed.length ? h("details", {}, h("summary", {}, t("settings_teams.closed", { n: closed.length })), rows(closed)) : null);
      const teams = open.map(({ name, title, members }) => ({ name, title, mine: members.includes(this.me.username) }));
      this.me.teams.splice(0, Infinity, ...teams); // the choices elsewhere in the console
    } catch (error) {
      say(this.said, told(error));
    }
  }

  #button() {
    fill(this.form, h("button", { type: "button", class: "strong", on: { click: () => this.#edit(null) } }, t("settings_teams.add")));
  }

  #row(one) {
    const names = one.members.map((username) => this.agents.find((agent) => agent.username === username)?.name ?? username);
    const act = (key, work) => h("button", { type: "button", "aria-label": t(`settings_teams.${key}_one`, { title: one.title }), on: { click: work } }, t(`settings_teams.${key}`));
    return h(
      "li",
      { "data-team": one.name },
      h(
        "div",
        {},
        h("strong", {}, one.title),
        h("span", { class: "tag" }, one.name),
        one.note ? h("p", {}, one.note) : null,
        h("p", { class: "muted" }, h("span", {}, names.length ? names.join(t("list_comma")) : t("settings_teams.nobody")), h("span", {}, t("settings_teams.load", { waiting: one.waiting, open: one.open }))),
      ),
      one.active ? act("change", () => this.#edit(one)) : act("reopen", () => this.#do(one, { active: true })),
    );
  }

  #edit(one) {
    const field = (name, more = {}) => h("input", { id: `team-${name}`, value: one?.[name] ?? "", "aria-describedby": `team-${name}-hint`, ...more });
    const title = field("title", { required: true, maxlength: 60 });
    const name = one ? null : field("name", { required: true, maxlength: 32, pattern: "[a-z0-9][a-z0-9\\-]*", autocapitalize: "none", spellcheck: "false", autocomplete: "off" });
    const note = field("note", { maxlength: 500 });
    const who = this.agents.filter((agent) => agent.role !== "compliance");
    const boxes = who.map((agent) => h("input", { type: "checkbox", value: agent.username, checked: Boolean(one?.members.includes(agent.username)) }));
    const said = h("p", { class: "said", role: "alert" });
    const labelled = (input, key) => h("div", {}, h("label", { for: input.id }, t(`settings_teams.${key}`)), input, h("p", { class: "hint", id: `${input.id}-hint` }, t(`settings_teams.${key}_hint`)));
    const submit = async (event) => {
      event.preventDefault();
      const shown = { title: title.value, note: note.value, members: boxes.filter((box) => box.checked).map((box) => box.value) };
      try {
        if (one) await this.#change(one, shown);
        else await post("/teams", { name: name.value, ...shown });
        this.#button();
        await this.load();
      } catch (error) {
        say(said, sentence(error));
      }
    };
    const close = async () => {
      if (await confirmed(t("settings_teams.close_sure", { title: one.title, waiting: one.waiting, open: one.open }), t("settings_teams.close"), t("cancel"))) await this.#do(one, { active: false });
    };
    fill(
      this.form,
      h(
        "form",
        { class: "account", on: { submit } },
        h("h3", {}, one ? t("settings_teams.change_one", { title: one.title }) : t("settings_teams.add")),
        labelled(title, "called"),
        name ? labelled(name, "name") : null,
        labelled(note, "note"),
        h("fieldset", {}, h("legend", {}, t("settings_teams.members")), h("div", { class: "members" }, boxes.map((box, at) => h("label", { class: "scope" }, box, who[at].name)))),
        said,
        h("div", { class: "row start" }, h("button", { type: "submit", class: "strong" }, t(one ? "save" : "settings_teams.make")), h("button", { type: "button", on: { click: () => this.#button() } }, t("cancel")), one ? h("button", { type: "button", on: { click: close } }, t("settings_teams.close")) : null),
      ),
    );
    title.focus();
    this.form.scrollIntoView({ block: "start" });
  }

  #change(one, shown) {
    return call("PATCH", `/teams/${one.name}`, shown, { "If-Match": `"${one.version}"` });
  }

  async #do(one, shown) {
    say(this.said, "");
    try {
      await this.#change(one, shown);
      this.#button();
      await this.load();
    } catch (error) {
      say(this.said, sentence(error));
    }
  }
}

function sentence(error) {
  const known = error instanceof Problem && ["name_taken", "changed_meanwhile"].includes(error.code);
  return known ? t(`settings_teams.${error.code}`) : told(error);
}

customElements.define("qt-settings-teams", Teams);
