// Teams as whoever is signed in knows them: what they are called, which are one's own. Making and changing them is a section of the settings.

import { h } from "./dom.js";
import { t } from "./words.js";

/** What a team is called; its name where it is closed. */
export const title = (me, name) => (name ? (me.teams.find((one) => one.name === name)?.title ?? name) : "");

/** Choices for a list: one's own together, then each. None where there are no teams. */
export function choices(me) {
  const own = me.teams.some((one) => one.mine);
  return [...(own ? [["mine", t("teams.mine")]] : []), ...me.teams.map((one) => [one.name, one.title])];
}

/** Choices of whose something may be, one at a time: those that are open, and the one that has it, closed or not. */
export const given = (me, now) => [...me.teams.map((one) => [one.name, one.title]), ...(now && !me.teams.some((one) => one.name === now) ? [[now, now]] : [])];

/** Whether something of `team` is what was chosen. */
export const isOf = (me, chosen, team) => !chosen || (chosen === "mine" ? me.teams.some((one) => one.mine && one.name === team) : team === chosen);

export const tag = (me, name) => (name ? h("span", { class: "tag" }, title(me, name)) : null);
