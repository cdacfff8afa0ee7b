// Putting a conversation off: when it is looked at again. It comes back before, as soon as its customer has written.

import { post } from "./api.js";
import { h, opened, say } from "./dom.js";
import { atHouse, dayFrom, shortly } from "./formats.js";
import { told } from "./problems.js";
import { t } from "./words.js";

const HOUR = 3_600_000;
const MORNING = "09:00";

/** Takes it up again. Answers the conversation as it is then. */
export const wake = (id) => post(`/conversations/${id}/snooze`, { until: null });

const morning = (days) => atHouse(`${dayFrom(days)}T${MORNING}`);

/** The times that are offered, each later than the one before, by the institution's clocks. */
function offered() {
  const weekday = new Date(`${dayFrom(0)}T12:00Z`).getUTCDay();
  const toMonday = (8 - weekday) % 7 || 7;
  const times = [["hour", new Date(Date.now() + HOUR)], ["tomorrow", morning(1)]];
  return toMonday > 1 ? [...times, ["monday", morning(toMonday)]] : times;
}

/** Asks until when and puts it off. Answers the conversation as it is then; null if nothing was done. */
export const putOff = (id) => askUntil((when) => post(`/conversations/${id}/snooze`, { until: when.toISOString() }));

/** Asks until when. Answers what `take` makes of the moment, null for none; a failure of it is told, and asked again. */
export function askUntil(take, title = t("snooze.title"), about = t("snooze.about")) {
  return new Promise((answer) => {
    let changed = null;
    const said = h("p", { class: "said", role: "alert" });
    const own = h("input", { id: "snooze-until", type: "datetime-local" });
    const until = async (when) => {
      try {
        changed = await take(when);
        dialog.close();
      } catch (error) {
        say(said, told(error));
      }
    };
    const submit = (event) => {
      event.preventDefault();
      const when = own.value ? atHouse(own.value) : null;
      if (!when || when <= new Date()) {
        say(said, t("snooze.needed"));
        own.focus();
        return;
      }
      until(when);
    };
    const dialog = h(
      "dialog",
      { class: "small", "aria-labelledby": "snooze-title" },
      h("h2", { id: "snooze-title" }, title),
      h("p", { class: "muted" }, about),
      h("div", { class: "choices" }, offered().map(([name, when]) => h("button", { type: "button", on: { click: () => until(when) } }, h("span", {}, t(`snooze.${name}`)), h("span", { class: "muted" }, shortly(when.toISOString()))))),
      h(
        "form",
        { novalidate: true, on: { submit } },
        h("label", { for: "snooze-until" }, t("snooze.own")),
        own,
        said,
        h("div", { class: "row end" }, h("button", { type: "button", on: { click: () => dialog.close() } }, t("cancel")), h("button", { type: "submit", class: "strong" }, t("snooze.put_off"))),
      ),
    );
    opened(dialog).then(() => answer(changed));
  });
}
