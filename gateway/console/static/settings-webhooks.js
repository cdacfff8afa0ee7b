// Webhooks: who outside the house hears what happens; how that went, and sending it again.

import { call, get, patch, post, Problem, query } from "./api.js";
import { confirmed, fill, h, opened, say } from "./dom.js";
import { fromLocal, local, moment, whole } from "./formats.js";
import { told } from "./problems.js";
import { sheet } from "./sections.js";
import { toast } from "./toast.js";
import { t, term } from "./words.js";

const TEST = "org.qingting.webhook.test.v1";
const short = (type) => type.replace(/^org\.qingting\./, "").replace(/\.v1$/, "");
const event = (type) => term("settings_webhooks_events", short(type).replaceAll(".", "_"));

class Webhooks extends HTMLElement {
  connectedCallback() {
    sheet("settings-webhooks.css");
    this.said = h("p", { class: "said", role: "alert" });
    this.list = h("div", { class: "hooks" });
    this.add = h("button", { type: "button", class: "strong", on: { click: () => this.#write(null) } }, t("settings_webhooks.add"));
    fill(this, h("div", { class: "hooks-head" }, h("h2", {}, t("settings_webhooks.title")), this.add), h("p", { class: "muted" }, t("settings_webhooks.what")), this.said, this.list);
    this.#load();
  }

  async #load() {
    this.add.disabled = !this.types; // what can be chosen comes with the list
    try {
      const { items, types } = await get("/webhooks");
      this.types = types;
      fill(this.list, items.length ? items.map((one) => this.#card(one)) : h("p", { class: "empty" }, t("settings_webhooks.none")));
      say(this.said, "");
    } catch (error) {
      say(this.said, told(error));
    } finally {
      this.add.disabled = false;
    }
  }

  // one webhook ----------------------------------------------------------------------------------------------

  #card(one) {
    const title = h("h3", {}, one.description || new URL(one.url).host);
    const state = one.stopped ? `stopped_${one.stopped}` : one.active ? (one.failing_since ? "failing" : "active") : "inactive";
    const room = h("div", { hidden: true });
    const figures = h("p", { class: "muted" }, t("settings_webhooks.figures", one));
    room.qtFigures = (now) => say(figures, t("settings_webhooks.figures", now));
    const show = h("button", { type: "button", "aria-expanded": "false", on: { click: () => this.#deliveries(one, room, show) } }, t("settings_webhooks.deliveries"));
    const does = (key, act, more = {}) => h("button", { type: "button", ...more, on: { click: act } }, t(`settings_webhooks.${key}`));
    return h(
      "article",
      { class: "hook", "aria-label": one.description || one.url },
      h("div", { class: "hook-head" }, title, h("span", { class: `state ${state}` }, t(`settings_webhooks.state_${state}`))),
      h("p", { class: "url" }, one.url),
      h("p", { class: "muted" }, one.types.length ? one.types.map(event).join(t("list_comma")) : t("settings_webhooks.all_events")),
      figures,
      one.old_secret_until ? h("p", { class: "muted" }, t("settings_webhooks.old_until", { time: whole(one.old_secret_until) })) : null,
      h(
        "div",
        { class: "hook-acts" },
        show,
        does("test", () => this.#test(one, room, show), { disabled: !one.active }),
        does("change", () => this.#write(one)),
        does("renew", () => this.#renew(one)),
        one.active ? null : does("resume", () => this.#change(one, { active: true }), { class: "strong" }),
        does("remove", () => this.#remove(one)),
      ),
      room,
    );
  }

  async #do(act) {
    say(this.said, "");
    try {
      return await act();
    } catch (error) {
      say(this.said, error instanceof Problem && error.code === "changed_meanwhile" ? t("settings_webhooks.changed_meanwhile") : told(error));
      return undefined;
    }
  }

  async #change(one, changes) {
    await this.#do(() => patch(`/webhooks/${one.id}`, one.version, changes));
    await this.#load();
  }

  async #remove(one) {
    if (!(await confirmed(t("settings_webhooks.remove_sure", { url: one.url }), t("settings_webhooks.remove"), t("cancel")))) return;
    await this.#do(() => call("DELETE", `/webhooks/${one.id}`, undefined, { "If-Match": `"${one.version}"` }));
    await this.#load();
  }

  async #renew(one) {
    if (!(await confirmed(t("settings_webhooks.renew_sure"), t("settings_webhooks.renew"), t("cancel")))) return;
    const made = await this.#do(() => post(`/webhooks/${one.id}/secret`, {}));
    if (made) await shown(made.secret);
    await this.#load();
  }

  async #test(one, room, show) {
    if (!(await this.#do(() => post(`/webhooks/${one.id}/test`, {})))) return;
    toast(t("settings_webhooks.test_queued"));
    if (room.hidden) await this.#deliveries(one, room, show);
    else await room.qtLoad();
  }

  // writing one ----------------------------------------------------------------------------------------------

  async #write(one) {
    if (!this.types) await this.#load(); // it could not be read before
    if (!this.types) return; // why, is told above the list
    const url = h("input", { id: "hook-url", type: "url", required: true, maxlength: 2000, value: one?.url ?? "", placeholder: "https://", "aria-describedby": "hook-url-hint" });
    const description = h("input", { id: "hook-description", maxlength: 200, value: one?.description ?? "" });
    const chosen = this.types.map((type) => [type, h("input", { type: "checkbox", checked: one?.types.includes(type) ?? false })]);
    const active = h("input", { type: "checkbox", checked: one?.active ?? true });
    const wrong = h("p", { class: "said", role: "alert" });
    const save = h("button", { type: "submit", class: "strong" }, t("save"));
    let made = null;
    const submit = async (submitted) => {
      submitted.preventDefault();
      const body = { url: url.value.trim(), description: description.value.trim(), types: chosen.filter(([, box]) => box.checked).map(([type]) => type), active: active.checked };
      save.disabled = true;
      try {
        made = one ? await patch(`/webhooks/${one.id}`, one.version, body) : await post("/webhooks", body);
        dialog.close();
      } catch (error) {
        say(wrong, error instanceof Problem && error.document.errors ? t("settings_webhooks.wrong_url", { why: error.document.errors.map(({ detail }) => detail).join("; ") }) : told(error));
        url.focus();
      } finally {
        save.disabled = false;
      }
    };
    const dialog = h(
      "dialog",
      { "aria-labelledby": "hook-title" },
      h("h2", { id: "hook-title" }, t(one ? "settings_webhooks.change_title" : "settings_webhooks.add")),
      h(
        "form",
        { on: { submit } },
        h("label", { for: url.id }, t("settings_webhooks.url")),
        url,
        h("p", { class: "hint", id: "hook-url-hint" }, t("settings_webhooks.url_hint")),
        h("label", { for: description.id }, t("settings_webhooks.description")),
        description,
        h("fieldset", { class: "hook-events" }, h("legend", {}, t("settings_webhooks.events")), chosen.map(([type, box]) => h("label", { class: "tick" }, box, h("span", {}, event(type))))),
        h("p", { class: "hint" }, t("settings_webhooks.events_hint")),
        h("label", { class: "tick" }, active, t("settings_webhooks.active")),
        wrong,
        h("div", { class: "row end" }, h("button", { type: "button", on: { click: () => dialog.close() } }, t("cancel")), save),
      ),
    );
    await opened(dialog);
    if (made?.secret) await shown(made.secret);
    if (made) await this.#load();
  }

  // what was posted ------------------------------------------------------------------------------------------

  async #deliveries(one, room, show) {
    room.hidden = !room.hidden;
    show.setAttribute("aria-expanded", String(!room.hidden));
    if (room.hidden) return;
    const state = h("select", { "aria-label": t("settings_webhooks.by_state") }, ["", "waiting", "sent", "given_up"].map((value) => h("option", { value }, t(`settings_webhooks.of_${value || "any"}`))));
    const type = h("select", { "aria-label": t("settings_webhooks.by_type") }, h("option", { value: "" }, t("settings_webhooks.all_events")), [...this.types, TEST].map((value) => h("option", { value }, event(value))));
    const since = h("input", { type: "datetime-local", id: `since-${one.id}`, value: local(new Date(Date.now() - 86_400_000)), max: local() });
    const rows = h("tbody");
    const more = h("button", { type: "button", hidden: true, on: { click: () => load(true) } }, t("more"));
    let cursor = null;
    const load = (on = false) =>
      this.#do(async () => {
        const path = `/webhooks/${one.id}`;
        const [found, now] = await Promise.all([get(`${path}/deliveries${query({ state: state.value, type: type.value, cursor: on ? cursor : null, limit: 25 })}`), get(path)]);
        room.qtFigures(now);
        const made = found.items.map((each) => this.#row(one, each, load));
        on ? rows.append(...made.flat()) : fill(rows, made.length ? made : h("tr", {}, h("td", { colspan: 6, class: "muted" }, t("settings_webhooks.nothing_posted"))));
        cursor = found.next_cursor;
        more.hidden = !cursor;
      });
    for (const filter of [state, type]) filter.addEventListener("change", () => load());
    const again = h("button", { type: "button", disabled: !one.active, on: { click: () => this.#since(one, since, load) } }, t("settings_webhooks.send_since"));
    const fresh = h("button", { type: "button", on: { click: () => load() } }, t("settings_webhooks.refresh"));
    const heads = ["when", "event", "subject", "state", "tries", "acts"].map((key) => h("th", { scope: "col" }, t(`settings_webhooks.${key}`)));
    fill(
      room,
      h("div", { class: "hook-filters" }, state, type, fresh, h("span", { class: "spread" }), h("label", { for: since.id }, t("settings_webhooks.since")), since, again),
      h("div", { class: "hook-table", tabindex: "0", role: "region", "aria-label": t("settings_webhooks.deliveries") }, h("table", {}, h("thead", {}, h("tr", {}, heads)), rows)),
      more,
    );
    room.qtLoad = load;
    await load();
  }

  #row(one, each, load) {
    const inside = h("td", { colspan: 6 });
    const below = h("tr", { hidden: true }, inside);
    const show = h("button", { type: "button", class: "link", "aria-expanded": "false", on: { click: () => open() } }, t("settings_webhooks.details"));
    const open = async () => {
      below.hidden = !below.hidden;
      show.setAttribute("aria-expanded", String(!below.hidden));
      if (below.hidden) return;
      const found = await this.#do(() => get(`/webhooks/${one.id}/deliveries/${each.id}`));
      if (found) fill(inside, found.tries.length ? h("ol", { class: "hook-tries" }, found.tries.map(tried)) : h("p", { class: "muted" }, t("settings_webhooks.not_tried")), h("pre", { tabindex: "0" }, JSON.stringify(found.body, null, 2)));
    };
    const again = async () => {
      if (!(await this.#do(() => post(`/webhooks/${one.id}/deliveries/${each.id}/replay`, {})))) return;
      toast(t("settings_webhooks.queued", { n: 1 }));
      await load();
    };
    const subject = each.subject?.startsWith("C") ? h("a", { href: `/console/cases/${each.subject}` }, each.subject) : each.subject ? h("a", { href: `/console/conversations/${each.subject}` }, t("settings_webhooks.conversation")) : "—";
    const next = each.next_at && each.attempts ? t("settings_webhooks.next", { time: whole(each.next_at) }) : "";
    return [
      h(
        "tr",
        {},
        h("td", {}, h("time", { datetime: each.at, title: whole(each.at) }, moment(each.at))),
        h("td", {}, event(each.type), each.again ? h("span", { class: "muted" }, ` · ${t("settings_webhooks.again")}`) : null),
        h("td", {}, subject),
        h("td", {}, h("span", { class: `state ${each.state}` }, t(`settings_webhooks.of_${each.state}`)), each.error ? h("span", { class: "hook-error" }, each.error, " ", next) : null),
        h("td", { class: "number" }, each.attempts),
        h("td", { class: "hook-row-acts" }, show, h("button", { type: "button", class: "link", disabled: !one.active, on: { click: again } }, t("settings_webhooks.send_again"))),
      ),
      below,
    ];
  }

  async #since(one, since, load) {
    if (!since.value) return since.focus();
    if (!(await confirmed(t("settings_webhooks.since_sure", { time: whole(fromLocal(since.value)) }), t("settings_webhooks.send_since"), t("cancel")))) return;
    const found = await this.#do(() => post(`/webhooks/${one.id}/replay`, { since: fromLocal(since.value) }));
    if (!found) return;
    if (found.more_since) since.value = local(new Date(found.more_since));
    toast(t(found.more_since ? "settings_webhooks.queued_more" : "settings_webhooks.queued", { n: found.queued }));
    await load();
  }
}

const tried = (one) => h("li", {}, h("time", { datetime: one.at }, whole(one.at)), ` · ${one.status ?? "—"} · ${one.took_ms} ms`, one.error ? ` · ${one.error}` : "", one.answer ? h("code", {}, one.answer) : null);

/** The secret, once: whoever closes this has it or makes another. */
function shown(secret) {
  const field = h("input", { readonly: true, value: secret, "aria-label": t("settings_webhooks.secret") });
  const said = h("p", { class: "hint", role: "status" });
  const copy = async () => {
    field.select();
    await navigator.clipboard?.writeText(secret).then(() => say(said, t("settings_webhooks.copied")), () => {});
  };
  const dialog = h("dialog", { "aria-labelledby": "hook-secret" }, h("h2", { id: "hook-secret" }, t("settings_webhooks.secret")), h("p", {}, t("settings_webhooks.secret_once")), h("div", { class: "row hook-secret" }, field, h("button", { type: "button", on: { click: copy } }, t("settings_webhooks.copy"))), said, h("div", { class: "row end" }, h("button", { type: "button", class: "strong", on: { click: () => dialog.close() } }, t("settings_webhooks.kept"))));
  dialog.addEventListener("cancel", (event) => event.preventDefault());
  return opened(dialog);
}

customElements.define("qt-settings-webhooks", Webhooks);
