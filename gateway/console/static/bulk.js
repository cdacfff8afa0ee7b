// What is done with the rows that were chosen, what came of it, and its undoing. Which rows are chosen is choosing.js's.

import { post, Problem, Unreachable } from "./api.js";
import { snoozed } from "./board.js";
import { Choosing } from "./choosing.js";
import { shortly } from "./formats.js";
import { told } from "./problems.js";
import { toast } from "./toast.js";
import { t, term } from "./words.js";

const NOBODY = "(nobody)"; // no username looks like this
const STOP = " · ";

/** Choosing among the conversations of a queue. */
export function choosesConversations(queue) {
  const { board, me, agents } = queue;
  const mine = (one) => one.owner === "agent" && one.agent === me.username;
  const seen = ({ id, epoch, last_message }) => ({ id, epoch, last_message });
  const work = new Work({ named: "conversations", seen, again: () => board.load() });
  const give = async (n) => {
    const { ask } = await import("./assign.js");
    let to = "";
    const send = (body) => work.send({ kind: "assign", ...body }, (to = body.agent));
    work.finish(await ask({ agents, send, title: t("bulk.give_title", { n }) }), "given", { name: nameOf(agents, () => to) });
  };
  const putOff = async (n) => {
    const { askUntil } = await import("./snooze.js");
    let until = "";
    const send = (when) => work.send({ kind: "snooze", until: (until = when.toISOString()) });
    work.finish(await askUntil(send, t("bulk.snooze_title", { n }), t("bulk.snooze_about")), "snoozed", { time: () => shortly(until) });
  };
  const acts = (items) => {
    const [own, others] = [items.filter(mine), items.filter((one) => !mine(one))];
    return offered([
      [others.length, "take", t("conversation.take"), () => work.run({ kind: "take_over" }, "taken"), true],
      [agents.length > 1, "give", t("give.open"), () => give(items.length)],
      [own.length || items.some((one) => one.owner === "queue"), "bot", t("conversation.to_bot"), () => work.run({ kind: "hand_back", to: "bot" }, "bot")],
      [own.length, "queue", t("conversation.to_queue"), () => work.run({ kind: "hand_back", to: "queue" }, "queue")],
      [own.some((one) => !snoozed(one)), "snooze", t("snooze.open"), () => putOff(items.length)],
      [own.some(snoozed), "wake", t("snooze.wake"), () => work.run({ kind: "snooze", until: null }, "woken")],
    ]);
  };
  return work.on(new Choosing({ host: queue, name: (one) => one.customer || t("conversation.nameless"), here: () => queue.selected, acts }));
}

/** Choosing among cases. `here`: the one that is open. */
export function choosesCases(list, here) {
  const { live, me, agents } = list;
  const work = new Work({ named: "cases", seen: ({ id, version }) => ({ id, version }), again: () => live.dispatchEvent(new Event("reload")) });
  const assign = async (n) => {
    const { ask } = await import("./assign.js");
    let to = "";
    const send = ({ agent }) => work.send({ kind: "assign_case", assignee: agent === NOBODY ? null : agent }, (to = agent));
    const answer = await ask({ agents, send, title: t("bulk.assign_title", { n }), needed: t("bulk.assign_needed"), others: [[NOBODY, t("bulk.nobody")]], noted: false });
    work.finish(answer, to === NOBODY ? "freed" : "assigned", { name: nameOf(agents, () => to) });
  };
  const acts = (items) =>
    offered([
      [items.some((one) => one.assignee !== me.username), "mine", t("bulk.to_me"), () => work.run({ kind: "assign_case", assignee: me.username }, "assigned", { name: () => me.name }), true],
      [true, "assign", t("bulk.assign"), () => assign(items.length)],
    ]);
  return work.on(new Choosing({ host: list, name: (one) => one.facts.name ?? one.reference ?? t("conversation.nameless"), here, acts }));
}

const nameOf = (agents, username) => () => agents.find((one) => one.username === username())?.name ?? username();
const offered = (acts) => acts.filter(([fits]) => fits).map(([, act, label, run, strong]) => ({ act, label, run, strong }));

/** One act upon what is chosen: sent, told, undone. */
export class Work {
  #sent = { words: "", key: "" };

  constructor({ named, seen, again }) {
    Object.assign(this, { named, seen, again });
  }

  on(choosing) {
    this.choosing = choosing;
    return choosing;
  }

  /** Raises what the request does. The same again goes under the same key: once. */
  send(action) {
    const body = { action, [this.named]: this.choosing.items.map(this.seen) };
    const words = JSON.stringify(body);
    if (words !== this.#sent.words) this.#sent = { words, key: crypto.randomUUID() };
    return this.choosing.during(async () => {
      const answer = await post("/bulk", body, this.#sent.key);
      this.choosing.settle(answer.done, new Map(answer.refused.map((one) => [one.id, why(one.code)])));
      return answer;
    });
  }

  async run(action, said, values = {}) {
    try {
      this.finish(await this.send(action), said, values);
    } catch (error) {
      this.choosing.tell(told(error));
    }
  }

  /** Says what came of it, null if nothing was done; `values` are asked for when they are known. */
  finish(answer, said, values) {
    if (!answer) return;
    const given = Object.fromEntries(Object.entries(values).map(([name, value]) => [name, value()]));
    const n = answer.done.length;
    toast([n ? t(`bulk.${said}`, { n, ...given }) : "", ...left(answer.refused)].filter(Boolean).join(STOP), answer.undo_until ? () => this.#undo(answer.id, crypto.randomUUID()) : null);
    this.again();
  }

  async #undo(id, key) {
    try {
      const back = await post(`/bulk/${id}/undo`, {}, key);
      toast([t("bulk.undone", { n: back.done.length }), ...left(back.refused)].join(STOP));
      this.again();
    } catch (error) {
      const known = error instanceof Problem && ["too_late", "undone_already"].includes(error.code);
      toast(known ? why(error.code) : told(error), error instanceof Unreachable ? () => this.#undo(id, key) : null);
    }
  }
}

const why = (code) => term("bulk_why", code);

/** How many were left for which reason. */
function left(refused) {
  const many = new Map();
  for (const { code } of refused) many.set(code, (many.get(code) ?? 0) + 1);
  return [...many].map(([code, n]) => t("bulk.left", { n, why: why(code) }));
}
