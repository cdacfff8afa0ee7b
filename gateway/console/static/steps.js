// What has happened to a case, in words, and what comes next with its date (handbook 4.2).

import { day, left } from "./formats.js";
import { t, term } from "./words.js";

const UNDONE = ["withdrawn", "by_mail", "replaced", "not_reached"]; // nobody did what the task asked for

/** The events of the audit trail that tell of progress, newest first; what the bot understood bit by bit is one step. */
export function steps(events) {
  const told = [];
  for (const event of events) {
    const text = sentence(event);
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

function sentence({ action, detail }) {
  const given = detail ?? {};
  if (action === "changed") return changed(given);
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
  const files = (given.files ?? []).map((file) => file.name).join(t("list_comma"));
  const known = t(`step.${action}`, { note: "", ...given, files });
  return known === `step.${action}` ? term("step", action) : known;
}

function changed(fields) {
  const status = fields.status?.to;
  if (status) return t("step.status", { status: term("status", status), outcome: fields.outcome?.to ? ` · ${term("outcome", fields.outcome.to)}` : "" });
  const names = Object.entries(fields).flatMap(([name, { from, to } = {}]) =>
    name === "facts" && from && to ? Object.keys(to).filter((fact) => JSON.stringify(from[fact]) !== JSON.stringify(to[fact])).map((fact) => term("facts", fact)) : [term("fields", name)],
  );
  return t("step.changed", { fields: names.join(t("list_comma")) });
}

export function nextStep(record) {
  const due = record.feedback_due ? t("next.by", { day: day(record.feedback_due), left: left(record.feedback_due) }) : "";
  if (record.status === "draft") return t("next.draft");
  if (["resolved", "closed", "withdrawn"].includes(record.status)) return t(`next.${record.status}`);
  if (record.status === "filed" && !record.assignee) return t("next.assign", { due });
  return t(`next.${record.status}`, { due });
}
