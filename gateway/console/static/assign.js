// Giving a conversation, or many, to a colleague, with a word for them: those first who can answer it and are there.

import { get, post } from "./api.js";
import { h, opened, say } from "./dom.js";
import { told } from "./problems.js";
import { t, term } from "./words.js";

const TEAM = "team:"; // no username has a colon

/** Asks to whom, and gives it. Answers the conversation as it is then; null if nothing was done. */
export async function give(conversation, agents, me) {
  const path = `/conversations/${conversation.id}`;
  const send = ({ agent, note }, key) => (agent.startsWith(TEAM) ? post(`${path}/team`, { team: agent.slice(TEAM.length) || null, note }, key) : post(`${path}/assign`, { agent, note }, key));
  const teams = ofTeams(conversation, me);
  return ask({ options: [teams, await options(conversation, agents)], send, ...(teams ? { title: t("teams.give"), label: t("teams.to") } : {}) });
}

/** The teams that it is not with already, and everybody's queue if it is with one. */
function ofTeams(conversation, me) {
  const some = me.teams.filter(({ name }) => conversation.owner !== "queue" || name !== conversation.team).map((one) => [one.name, one.title]);
  if (conversation.team) some.push(["", t("teams.everybody")]);
  return some.length ? h("optgroup", { label: t("teams.queues") }, some.map(([name, label]) => h("option", { value: `${TEAM}${name}` }, label))) : null;
}

/** Whoever of `agents` can answer it before the others, each with how they stand; by their names alone where that is not known. */
async function options(conversation, agents) {
  const found = await get(`/conversations/${encodeURIComponent(conversation.id)}/colleagues`).catch(() => null);
  const option = (one) => h("option", { value: one.username }, found ? `${one.name} — ${standing(one)}` : one.name);
  if (!found) return agents.map(option);
  const here = found.items.filter((one) => agents.some(({ username }) => username === one.username));
  const group = (name, some) => (some.length ? h("optgroup", { label: t(`colleagues.${name}`) }, some.map(option)) : null);
  return [group("fit", here.filter((one) => !one.lacks.length)), group("others", here.filter((one) => one.lacks.length))];
}

/** "available · 4 of 8 · 繁, EN": availability where anything is given by turn, how many they have, and what they lack or speak. */
function standing(one) {
  const languages = one.languages.length ? one.languages.map((tag) => term("languages_short", tag)).join(t("list_comma")) : t("colleagues.all_languages");
  const there = one.limit === null ? null : t(one.available ? "colleagues.available" : "colleagues.away");
  const has = one.limit === null ? t("colleagues.has", { n: one.load }) : t("colleagues.of", { n: one.load, most: one.limit });
  const lacking = one.lacks.filter((lack) => !["away", "language"].includes(lack)).map((lack) => term("lacks", lack));
  return [there, has, ...lacking, languages].filter(Boolean).join(" · ");
}

/** Asks to whom. Answers what `send` does with `{agent, note}` and a key; null if nothing was done. `others`: choices besides, as values and words; `options` in their place. */
export function ask({ agents = [], options = null, send, title = t("give.title"), label = t("give.to"), needed = t("give.needed"), others = [], noted = true }) {
  return new Promise((answer) => {
    let given = null;
    const choices = [...others, ...agents.map((one) => [one.username, one.name])];
    const whom = h("select", { id: "give-to", required: true }, h("option", { value: "" }, t("give.choose")), options ?? choices.map(([value, label]) => h("option", { value }, label)));
    const note = h("textarea", { id: "give-note", rows: 3, maxlength: 8000 });
    const said = h("p", { class: "said", role: "alert" });
    whom.addEventListener("change", () => say(said, ""));
    let sent = { words: "", key: "" }; // the same again under the same key: once; anything else is another request
    const submit = async (event) => {
      event.preventDefault();
      if (!whom.value) {
        say(said, needed);
        whom.focus();
        return;
      }
      const body = { agent: whom.value, note: note.value.trim() || null };
      const words = JSON.stringify(body);
      if (words !== sent.words) sent = { words, key: crypto.randomUUID() };
      button.disabled = true;
      try {
        given = await send(body, sent.key);
        dialog.close();
      } catch (error) {
        say(said, told(error));
      } finally {
        button.disabled = false;
      }
    };
    const button = h("button", { type: "submit", class: "strong" }, t("give.give"));
    const dialog = h(
      "dialog",
      { class: "small", "aria-labelledby": "give-title" },
      h(
        "form",
        { novalidate: true, on: { submit } },
        h("h2", { id: "give-title" }, title),
        h("label", { for: "give-to" }, label),
        whom,
        noted ? [h("label", { for: "give-note" }, t("give.note")), note] : null,
        said,
        h("div", { class: "row end" }, h("button", { type: "button", on: { click: () => dialog.close() } }, t("cancel")), button),
      ),
    );
    opened(dialog).then(() => answer(given));
  });
}
