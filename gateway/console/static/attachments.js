// The files beside a message or a case: what they are, what the scanner says, a small picture where there is one, and a way to save them.
//
// A file is saved and never opened here. What is kept back is saved only after a question, and what is infected by an admin alone.

import { confirmed, h, icon, noticed } from "./dom.js";
import { size } from "./formats.js";
import { t, term } from "./words.js";

/** One file. `place` is the address of its conversation; `me` is who looks. */
export function attachment(file, place, me) {
  const address = `${place}/attachments/${file.id}`;
  return h(
    "li",
    { class: `file ${file.scan ?? ""}`, "data-scan": file.scan ?? "none" },
    file.preview ? h("img", { src: `${address}/preview`, alt: t("attachment.preview", { name: file.name }), loading: "lazy", width: 96, height: 96 }) : null,
    h("div", { class: "about" }, named(file, address), ...told(file, address, me), looks(file, address)),
  );
}

function named(file, address) {
  const label = [icon("clip"), h("span", { class: "name" }, file.name), h("span", { class: "muted" }, file.purpose ? `${term("purpose", file.purpose)} · ${size(file.size)}` : size(file.size))];
  if (file.scan === "infected") return h("p", { class: "saved" }, label);
  return h("a", { href: address, download: file.name, on: { click: (event) => asksFirst(event, file, address) } }, label);
}

/** What can be known of it without saving it: the first lines of a text or a mail, and sound by ear. */
function looks(file, address) {
  const sound = /^audio\/(mpeg|mp4|wav|ogg|flac|aac)$/.test(file.sniffed_type ?? "") && [null, "clean"].includes(file.scan);
  return [
    file.excerpt ? h("details", { class: "excerpt" }, h("summary", {}, t("attachment.excerpt")), h("p", { class: "text" }, file.excerpt)) : null,
    sound ? h("audio", { controls: true, preload: "none", src: address, "aria-label": file.name }) : null,
  ];
}

function told(file, address, me) {
  const lines = [];
  if (file.scan === "infected") {
    lines.push(h("p", { class: "danger" }, icon("alert"), t("attachment.infected", { signature: file.signature ?? "" })));
    lines.push(
      me.scopes.includes("admin")
        ? h("button", { type: "button", class: "link", on: { click: () => saveInfected(file, address) } }, t("attachment.save_infected"))
        : h("p", { class: "muted" }, t("attachment.infected_admin")),
    );
  } else if (file.scan === "unscanned") {
    lines.push(h("p", { class: "warn" }, t("attachment.not_scanned")));
  } else if (file.scan === "failed") {
    lines.push(h("p", { class: "warn" }, t("attachment.failed", { why: file.signature ?? "" })));
  }
  const odd = (file.notes ?? []).map((note) => term("notes", note));
  if ((file.notes ?? []).includes("mismatch") && file.sniffed_type) odd.push(t("attachment.is", { type: file.sniffed_type }));
  if (odd.length) lines.push(h("p", { class: "warn" }, odd.join(" · ")));
  return lines;
}

/** The whole mail as it came: kept back with what is attached to it, or for what the scanner finds in it when it is asked for. */
export function original(address, name, files, me, label) {
  const infected = files.find((file) => file.scan === "infected");
  const kept = infected ?? files.find((file) => file.scan === "unscanned" || file.scan === "failed");
  if (infected && !me.scopes.includes("admin")) return null;
  if (!kept) return h("a", { href: address, download: name, on: { click: (event) => asksForWhole(event, address, name, me) } }, label);
  const ask = infected ? () => saveInfected(infected, address) : () => saveUnscanned(kept, address, name);
  return h("button", { type: "button", class: "link", on: { click: ask } }, label);
}

async function saveUnscanned(file, address, name) {
  const question = t("attachment.save_unscanned_sure", { name: file.name });
  if (await confirmed(question, t("attachment.save"), t("cancel"))) save(`${address}?unscanned=yes`, name);
}

/** A file that the gateway keeps back for want of a scan is asked for once more, if it is wanted all the same. */
async function asksFirst(event, file, address) {
  if (file.scan !== "unscanned" && file.scan !== "failed" && file.scan !== null) return;
  event.preventDefault();
  const there = await fetch(address, { method: "HEAD" }).catch(() => null);
  if (there?.status === 409) await saveUnscanned(file, address, file.name);
  else save(address, file.name);
}

async function asksForWhole(event, address, name, me) {
  event.preventDefault();
  const there = await fetch(address, { method: "HEAD" }).catch(() => null);
  if (there?.status === 409) await saveUnscanned({ name }, address, name);
  else if (there?.status === 403) await infectedWhole(address, name, me);
  else save(address, name);
}

async function infectedWhole(address, name, me) {
  const { signature = "" } = await fetch(address).then((answer) => answer.json(), () => ({})).catch(() => ({}));
  if (me?.scopes.includes("admin")) await saveInfected({ name, signature }, address);
  else await noticed(`${t("attachment.infected", { signature })}. ${t("attachment.infected_admin")}`, t("close"));
}

async function saveInfected(file, address) {
  const question = t("attachment.save_infected_sure", { name: file.name, signature: file.signature ?? "" });
  if (await confirmed(question, t("attachment.save"), t("cancel"))) save(`${address}?infected=yes`, file.name);
}

function save(address, name) {
  const link = h("a", { href: address, download: name, hidden: true });
  document.body.append(link);
  link.click();
  link.remove();
}
