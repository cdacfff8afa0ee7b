// The keys of the console, and whether this browser tells of danger by itself.

import { h, opened } from "./dom.js";
import { t, term } from "./words.js";

const SHORTCUTS = ["j", "k", "t", "r", "m", "c", "f", "n", "/", "p", "x", "Shift+x", "Esc", "z", "1", "2", "3", "4", "?"];

export function help() {
  const rows = SHORTCUTS.map((key) => h("div", {}, h("dt", {}, key.split("+").flatMap((part, at) => [at ? "+" : null, h("kbd", {}, part)])), h("dd", {}, term("shortcuts", key))));
  const dialog = h(
    "dialog",
    { "aria-labelledby": "help-title" },
    h("h2", { id: "help-title" }, t("help.title")),
    h("dl", { class: "shortcuts" }, rows, h("div", {}, h("dt", {}, h("kbd", {}, "Ctrl"), "+", h("kbd", {}, "Enter")), h("dd", {}, t("help.send"))), h("div", {}, h("dt", {}, h("kbd", {}, "Ctrl"), "+", h("kbd", {}, "/")), h("dd", {}, t("canned.open")))),
    notifications(),
    h("div", { class: "row end" }, h("button", { type: "button", class: "strong", on: { click: () => dialog.close() } }, t("close"))),
  );
  opened(dialog);
}

function notifications() {
  if (!("Notification" in window)) return null;
  if (Notification.permission === "granted") return h("p", { class: "muted" }, t("help.notifications_on"));
  if (Notification.permission === "denied") return h("p", { class: "muted" }, t("help.notifications_off"));
  const button = h("button", { type: "button", on: { click: async () => button.replaceWith(await ask()) } }, t("help.notifications_ask"));
  return h("p", {}, button);
}

async function ask() {
  await Notification.requestPermission();
  return h("span", { class: "muted" }, t(Notification.permission === "granted" ? "help.notifications_on" : "help.notifications_off"));
}
