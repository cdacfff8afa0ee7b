// Notes that call whoever sits here, and the cases that they follow, each with the way to it.

import { h, icon, keyed, opened } from "./dom.js";
import { moment, whole } from "./formats.js";
import { called } from "./notes.js";
import { steps } from "./steps.js";
import { t, term } from "./words.js";

/** Shows what `forYou` holds, and what comes while it is open. What was not seen when it was opened stays marked. */
export function showForYou(forYou) {
  const unseen = new Set(forYou.mentions.filter((one) => one.seen_at === null).map((one) => one.note.id));
  const link = (path, words) => {
    const go = (event) => {
      event.preventDefault();
      dialog.close();
      forYou.open(path);
    };
    return h("a", { href: path, on: { click: go } }, words);
  };
  const calls = part("for_you.calls", "for_you.no_calls", { key: (one) => one.note.id, signature: (one) => one.note.id, make: (one) => mention(one, unseen.has(one.note.id) || one.seen_at === null, link) });
  const followed = part("for_you.followed", "for_you.none_followed", { key: (one) => one.case, signature: JSON.stringify, make: (one) => following(one, link) });
  const render = () => {
    calls.show(forYou.mentions);
    followed.show(forYou.followed);
  };
  const dialog = h(
    "dialog",
    { "aria-labelledby": "for-you-title" },
    h("div", { class: "row" }, h("h2", { id: "for-you-title" }, t("for_you.title")), h("button", { type: "button", "aria-label": t("close"), class: "quiet", on: { click: () => dialog.close() } }, icon("close"))),
    forYou.reviews ? h("p", { class: "card unseen-note" }, link("/console/settings/quality", t("watch.sheets", { n: forYou.reviews }))) : null,
    calls.nodes,
    followed.nodes,
  );
  render();
  forYou.addEventListener("change", render);
  opened(dialog).then(() => forYou.removeEventListener("change", render));
}

/** A heading, and a list under it or a word that there is nothing. */
function part(title, none, manner) {
  const list = h("ul", { class: "cards" });
  const empty = h("p", { class: "muted" }, t(none));
  const show = (items) => {
    list.hidden = items.length === 0;
    empty.hidden = items.length > 0;
    keyed(list, items, manner);
  };
  return { nodes: [h("h3", {}, t(title)), list, empty], show };
}

function mention({ note, customer }, unseen, link) {
  return h(
    "li",
    { class: `card${unseen ? " unseen-note" : ""}` },
    h("p", { class: "meta" }, h("strong", {}, note.author_name), h("time", { datetime: note.at, title: whole(note.at) }, moment(note.at))),
    h("p", { class: "text" }, called(note)),
    h("p", {}, link(`/console/conversations/${note.conversation}`, customer || t("conversation.nameless"))),
  );
}

function following(one, link) {
  const { news } = one;
  const at = news?.at ?? one.since;
  return h(
    "li",
    { class: `card${news ? " unseen-note" : ""}`, "data-case": one.case },
    h("p", { class: "meta" }, link(wherever(one), one.customer || t("conversation.nameless")), h("span", { class: "tag reference" }, one.reference ?? t("case.draft")), h("time", { datetime: at, title: whole(at) }, moment(at))),
    h("p", { class: "text" }, news ? happened(news) : t("for_you.nothing_new", { status: term("status", one.status) })),
  );
}

/** Where it is to be seen: what the customer wrote in the thread, anything else beside the case. */
function wherever({ case: id, conversations, news }) {
  return news?.action === "wrote" && conversations.length ? `/console/conversations/${conversations.at(-1)}` : `/console/cases/${id}`;
}

/** What is new, in words, with who did it. */
function happened(news) {
  if (news.action === "wrote") return t("for_you.wrote");
  const [step] = steps([news]);
  if (!step) return t("for_you.changed");
  return step.who ? `${step.text} · ${step.who}` : step.text;
}
