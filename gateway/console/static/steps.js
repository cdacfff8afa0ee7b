// What has happened to a case or in a conversation, in words, and what comes next with its date (handbook 4.2).

import { day, left, money, shortly, size } from "./formats.js";
import { t, term } from "./words.js";

const UNDONE = ["withdrawn", "by_mail", "replaced", "not_reached", "expired", "agreed", "merged", "unmerged"]; // nobody did what the task asked for

const MOVED = ["merged", "merged_into", "unmerged", "unmerged_from", "split_off", "split_from"]; // which name another case
const SAID = ["message", "message_part", "answered"]; // what stands among the words of a conversation itself
const LONGEST = 160; // characters of an old or a new value; the whole stands in the trail
const VOCABULARY = ["category", "risk", "disposition", "status", "outcome"];

/** The events of an audit trail that tell of progress, newest first; what the bot understood bit by bit is one step. */
export function steps(events) {
  const told = [];
  for (const event of events) {
    const text = SAID.includes(event.action) ? "" : withOthers(sentence(event), event.detail);
    if (!text) continue;
    const before = told.at(-1);
    if (event.action === "understood" && before?.action === "understood") told.pop();
    told.push({ id: event.id, at: event.at, action: event.action, text, who: who(event.actor) });
  }
  return told.reverse();
}

function who(actor) {
  if (!actor) return "";
  const [kind, ...name] = actor.split(":");
  return name.length ? name.join(":") : term("sender", kind);
}

/** The step, with a word where it was one of many or the undoing of such an act. */
function withOthers(step, detail) {
  if (!step || !detail?.bulk) return step;
  const told = t(detail.undone ? "step.undone" : "step.together", { step });
  return detail.reason ? `${told}${t("list_stop")}${t("step.because", { reason: detail.reason })}` : told;
}

function sentence({ action, detail }) {
  const { bulk, undone, ...given } = detail ?? {}; // of which act: withOthers
  if (bulk) delete given.reason;
  if (["changed", "papers_changed"].includes(action)) return changed(given, action);
  const what = term("occasion", String(given.occasion ?? "").split(":")[0]);
  const by = given.by ? term("channels", given.by) : "";
  if (action === "told" && by) return t("step.told_by", { what, by });
  if (action === "to_be_told" && by) return t("step.to_be_sent", { what, by });
  if (action === "not_delivered") return t(given.why === "barred" ? "step.kept_back" : "step.not_delivered", { what, address: given.address ?? "" });
  if (action === "not_told") return t("step.not_told", { what });
  if (action === "task_done" && UNDONE.includes(given.how)) return t("step.task_closed", { kind: term("task", given.kind), how: term("how", given.how) });
  if (action === "told") return given.how ? t("step.told_how", { what, how: term("how", given.how), note: given.note ?? "" }) : t("step.told", { what });
  if (action === "to_be_told") return t("step.to_be_told", { what, kind: term("task", given.kind) });
  if (action === "filed") return t("step.filed", { reference: given.reference ?? "", day: given.feedback_due ? day(given.feedback_due) : "" });
  if (action === "linked") return t("step.linked");
  if (["bounced", "vouched", "reachable_again"].includes(action)) return t(`step.${action}`, { address: given.address ?? "" });
  if (action === "task_done") return t("step.task_done", { kind: term("task", given.kind), note: given.note ?? "" });
  if (action === "noted") return t("step.note", { note: given.note ?? "" });
  if (action === "handed_back") return [t(`step.handed_back_${given.to}`), given.no_danger ? t("step.no_danger", given) : ""].filter(Boolean).join(t("list_stop"));
  if (MOVED.includes(action)) return t(`step.${action}`, { reason: "", ...given, case: named(given.case) });
  if (action === "customer_joined" && given.case) return t("step.customer_joined_case", given);
  const files = listed((given.files ?? []).map((file) => file.name));
  const known = t(`step.${action}`, { note: "", ...given, files, ...ofConversation(action, given) });
  return known === `step.${action}` ? term("step", action) : known;
}

/** What an event of a conversation tells, in words. */
function ofConversation(action, given) {
  if (["customer_joined", "customer_parted"].includes(action) && given.address?.startsWith("chat:")) return { address: t("step.held_in", { id: given.address.slice(5) }) };
  if (["message_translated", "draft_translated"].includes(action)) return { to: term("languages", given.to) };
  if (action === "copied") return { to: listed(given.to ?? []) };
  if (action === "snoozed") return { until: shortly(given.until) };
  if (action === "given_to_team") return { team: given.team ?? t("teams.everybody") };
  if (action === "given_by_turn") return { because: term("because", given.because) };
  if (action === "taken_back") return { why: term("taken_back", given.why) };
  if (action === "put_back") return { to: term("owner_long", given.to) };
  if (action === "called_person") return { reason: term("waiting_reasons", given.reason) };
  if (action === "consent") return { from: term("consent_value", given.from), to: term("consent_value", given.to), basis: term("consent_basis", given.basis) };
  if (action === "recording_kept") return { size: size(given.size ?? 0) };
  if (action === "recording_erased") return { sha256: listed(given.sha256 ?? []) };
  if (action === "transcript") return { format: given.format ?? "" };
  if (action === "speakers_decided") return { voices: Object.entries({ ...given.labels, ...given.messages }).map(([label, whose]) => `${label || term("sender", "unknown")}: ${term("sender", whose)}`).join(t("list_stop")) };
  return {};
}

/** A case by its number; one that never had one is a draft. */
const named = (key) => (!key ? t("step.no_case") : key.includes("-") ? key : t("case.draft"));

const listed = (names) => names.join(t("list_comma"));

/** Each field with its old and its new value; a new status first, with the outcome. */
function changed(fields, action) {
  const status = fields.status;
  const outcome = fields.outcome?.to;
  const first = status ? [t("step.status", { status: term("status", status.to), before: term("status", status.from), outcome: outcome ? ` · ${term("outcome", outcome)}` : "" })] : [];
  const others = Object.entries(fields).filter(([name]) => !(status && ["status", "outcome"].includes(name)));
  const changes = others.flatMap(([name, change]) => changesOf(name, change)).join(t("list_stop"));
  return [...first, ...(changes ? [t(`step.${action}`, { fields: changes })] : [])].join(t("list_stop"));
}

function changesOf(name, change) {
  if (change === null || typeof change !== "object" || !("to" in change)) return [term("fields", name)];
  const { from, to } = change;
  if (name !== "facts") return [changedOne(term("fields", name), name, from, to)];
  const differ = Object.keys(to ?? {}).filter((fact) => JSON.stringify(from?.[fact]) !== JSON.stringify(to[fact]));
  return differ.map((fact) => changedOne(term("facts", fact), fact, from?.[fact], to[fact]));
}

const changedOne = (title, name, from, to) => t("step.changed_one", { field: title, from: shown(name, from), to: shown(name, to) });

/** What a field of the record held, as agents read it. */
function shown(name, value) {
  if (value === null || value === undefined || value === "" || value.length === 0) return t("empty");
  if (typeof value === "boolean") return term("yes_no", String(value));
  if (Array.isArray(value)) return listed(name === "declined" ? value.map((one) => term("facts", one)) : value);
  if (typeof value === "object") return money(value);
  const text = name === "language" ? term("languages", value) : VOCABULARY.includes(name) ? term(name, value) : String(value);
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
}

export function nextStep(record) {
  const due = record.feedback_due ? t("next.by", { day: day(record.feedback_due), left: left(record.feedback_due) }) : "";
  if (record.merged_into) return t("next.merged", { into: record.merged_into });
  if (record.status === "draft") return t("next.draft");
  if (["resolved", "closed", "withdrawn"].includes(record.status)) return t(`next.${record.status}`);
  if (record.status === "filed" && !record.assignee) return t("next.assign", { due });
  return t(`next.${record.status}`, { due });
}
