/**
 * The chat: what is written goes into the outbox, from there to the gateway one after another, and stays until it is
 * acknowledged. What comes is shown once, by its number. Speaks with the page around it only about open, close and unread.
 */

import { fileChip } from "./files.js";
import { Keep } from "./keep.js";
import { Link } from "./link.js";
import { Log, fill } from "./log.js";
import { Tray } from "./tray.js";

const ANSWER_LIMIT = 10_000; // milliseconds until a connection that doesn't acknowledge is given up
const TYPING_EVERY = 1_000;
const TYPING_ENDS = 3_000;
const TYPING_SHOWN = 6_000;
const COUNT_FROM = 500; // characters left

const settings = JSON.parse(document.getElementById("settings").textContent);
const { words, limit, files: fileWords } = settings;
const get = (id) => document.getElementById(id);
const field = get("text");
const keep = new Keep();
const log = new Log({ ...settings, words: { ...words, files: fileWords.list } });
const tray = new Tray({
  settings,
  keep,
  headers: () => ({ "X-Chat-Session": session }),
  ready: () => session && link.ready,
  changed: () => log.staying(edited),
  progressed: (uploads) => uploads.forEach(progressed),
  told: (text) => log.note(text),
});
const link = new Link({
  url: new URL("chat/ws", location.href).href.replace(/^http/, "ws").split("?")[0],
  hello,
  heard,
  changed,
});

let session = handedOver() ?? keep.get("session");
let conversation = null;
let last = 0; // everything up to this number has come
let moved = false; // the conversation that was here goes on elsewhere
let written = false; // the customer has said something in this conversation
let owner = { owner: "bot", name: null };
let inFlight = null; // { client_id, timer }
let held = 0; // timer of a message that the gateway wants later
let heldText = "";
const pending = new Map(); // client_id -> { entry, element, uploads }

/** The session that a link from a mail leads back to. It stands in the address's fragment, and only until it has been read. */
function handedOver() {
  const found = new URLSearchParams(location.hash.slice(1)).get("session");
  if (!found) return null;
  history.replaceState(null, "", location.pathname + location.search);
  keep.set("session", found);
  return found;
}

function hello() {
  const start = { type: "start", session, locale: settings.locale };
  if (session && last) start.last_message = last;
  return start;
}

const readers = {
  session: begun,
  accepted: ({ client_id: clientId, message, attachments }) => accepted(clientId, message, attachments),
  message: received,
  typing: ({ active }) => showTyping(active),
  owner: ownerChanged,
  case: (frame) => log.showCase(frame),
  error: refused,
};

function heard(frame) {
  readers[frame.type]?.(frame);
}

function begun(frame) {
  if (frame.ended && ended()) return;
  if (!frame.resumed && last) {
    if (written) log.beginAnew(words.new_session);
    else clearLog();
    last = 0;
    written = false;
  }
  if (conversation !== frame.conversation) restoreSeen(frame.conversation);
  conversation = frame.conversation;
  session = frame.session;
  if (!moved) keep.set("session", session);
  log.catchingUp();
  tray.goOn();
  flush();
}

function received(frame) {
  const { message: number, sender } = frame;
  if (sender === "customer") written = true;
  else showTyping(false);
  if (sender === "customer" && frame.client_id && pending.has(frame.client_id)) accepted(frame.client_id, number, frame.attachments);
  else if (!log.has(number)) show(frame);
  last = Math.max(last, number);
}

function show(frame) {
  const { message: number, sender } = frame;
  log.endChoices();
  const element = log.message({ ...frame, number, files: chips(frame.attachments) });
  if (sender === "customer") {
    log.state(element, number < last ? "seen" : "stored");
    return;
  }
  if (sender !== "system") log.seenUpTo(number);
  watch(element, number);
  if (frame.choices?.length) log.offer(frame.choices, ({ label, value }) => say(label, value));
}

/** Files of a message, as the gateway has them. */
function chips(attachments = []) {
  const why = { 403: "kept_back", 409: "withheld" };
  const failed = (name, { message }) => log.note(fill(fileWords.refused[why[message] ?? "not_saved"], { name }));
  return attachments.map((file) => fileChip(file, { words: fileWords, region: settings.region, get: fetchFile, failed }));
}

async function fetchFile(path) {
  const response = await fetch(new URL(`api/v1/chat/attachments/${path}`, location.href), { headers: { "X-Chat-Session": session } });
  if (!response.ok) throw new Error(String(response.status));
  return response;
}

function accepted(clientId, number, attachments) {
  keep.dropEntry(clientId);
  if (inFlight?.client_id === clientId) landed();
  const mine = pending.get(clientId);
  pending.delete(clientId);
  written = true;
  if (moved) keep.set("session", session);
  moved = false;
  if (mine && log.has(number)) log.remove(mine.element); // it came as another tab's before
  else if (mine) {
    log.state(mine.element, "stored");
    log.number(mine.element, number);
    if (attachments) log.files(mine.element, chips(attachments));
  }
  if (number === last + 1) last = number;
  showLine();
  flush();
}

function ownerChanged(frame) {
  if (frame.owner === owner.owner && frame.name === owner.name) return;
  owner = { owner: frame.owner, name: frame.name };
  const joined = frame.name ? fill(words.owner_agent, { name: frame.name }) : words.owner_agent_unnamed;
  const told = { agent: joined, queue: words.owner_queue, bot: words.owner_bot };
  if (told[frame.owner]) log.note(told[frame.owner]);
  showOwner();
}

function showOwner() {
  const { owner: who, name } = owner;
  if (who === "agent") get("owner").textContent = fill(words.by_agent, { name: name ?? "" }).trim();
  else get("owner").textContent = who === "queue" ? words.by_queue : words.by_bot;
}

function refused({ code, client_id: clientId, retry_after: after }) {
  if (code === "no_session") {
    link.again();
    return;
  }
  if (code === "session_ended") {
    landed();
    ended();
    return;
  }
  const mine = pending.get(clientId);
  if (!mine) return;
  if (inFlight?.client_id === clientId) landed();
  if (code === "too_fast" || code === "unavailable") {
    const seconds = Math.max(1, Math.ceil(after ?? 5));
    waiting(mine);
    hold(seconds, fill(words[code], { seconds }));
    return;
  }
  refuse(mine, code === "bad_attachment" ? fileWords.pick_again : words.refused);
  flush();
}

/**
 * The conversation goes on elsewhere, perhaps in another tab of this browser: then it goes on here too. Else a new one begins, which this
 * browser remembers once something has been said in it: until then the tab that it goes on in may be about to open.
 */
function ended() {
  const other = keep.get("session");
  if (other && other !== session) {
    startAnew(other);
    return true;
  }
  if (!moved) log.note(words.session_ended);
  moved = true;
  return false;
}

function refuse(mine, why) {
  mine.entry.refused = why;
  keep.putEntry(mine.entry);
  markRefused(mine);
}

function drop({ entry, element }) {
  keep.dropEntry(entry.client_id);
  pending.delete(entry.client_id);
  log.remove(element);
  showLine();
}

// --- what goes out

function say(text, choice = null, uploads = []) {
  log.endChoices();
  enqueue(keep.newEntry(text, choice, uploads.map(asKept)), uploads);
  stopTyping();
  flush();
}

function enqueue(entry, uploads = []) {
  const told = { sender: "customer", text: entry.text, at: new Date(entry.order).toISOString(), wordless: !entry.text };
  const element = log.message({ ...told, files: tray.chips(entry.files ?? [], uploads) });
  const mine = { entry, element, uploads };
  pending.set(entry.client_id, mine);
  // what was still being sent when the page was closed is not here any more
  if (!uploads.length && entry.files?.some(({ id }) => !id)) entry.refused = fileWords.pick_again;
  if (entry.refused) markRefused(mine);
  else waiting(mine);
}

/** As the outbox remembers an upload: by its id once it is whole. */
const asKept = ({ name, size, id, state }) => ({ name, size, id: state === "done" ? id : null });

/** An upload of a message that waits for it has come further. */
function progressed(upload) {
  const mine = [...pending.values()].find(({ uploads }) => uploads.includes(upload));
  if (!mine || !upload.settled) return;
  const here = mine.uploads.filter(({ state }) => state !== "cancelled" && state !== "refused");
  mine.entry.files = here.map(asKept);
  if (upload.state === "cancelled") log.files(mine.element, tray.chips(mine.entry.files, here));
  if (!here.length && !mine.entry.text) {
    if (upload.state === "cancelled") drop(mine);
    else refuse(mine, words.refused);
    return;
  }
  keep.putEntry(mine.entry);
  flush();
}

/** Sends the oldest message that is ready; the next one follows when it is acknowledged, so their order stays. */
function flush() {
  if (inFlight || held || !link.ready) return;
  const next = [...pending.values()].find(({ entry }) => !entry.refused && (entry.files ?? []).every(({ id }) => id));
  if (!next) return;
  const { client_id: clientId, text, choice, files } = next.entry;
  const frame = { type: "message", client_id: clientId, text };
  if (choice !== null && choice !== undefined) frame.choice = choice;
  if (files?.length) frame.attachments = files.map(({ id }) => id);
  if (!link.send(frame)) return;
  log.state(next.element, "sending");
  inFlight = { client_id: clientId, timer: setTimeout(() => link.again(), ANSWER_LIMIT) };
}

function landed() {
  clearTimeout(inFlight?.timer);
  inFlight = null;
}

function hold(seconds, text) {
  clearTimeout(held);
  heldText = text;
  held = setTimeout(release, seconds * 1000);
  showLine();
}

function release() {
  clearTimeout(held);
  held = 0;
  showLine();
  flush();
}

function waiting({ element }) {
  log.state(element, link.ready ? "sending" : "waiting", link.ready ? [] : [[words.retry, tryAgain]]);
}

function tryAgain() {
  if (link.ready) release();
  else link.again();
}

function markRefused(mine) {
  const { entry, element } = mine;
  const edit = () => {
    drop(mine);
    field.value = field.value ? `${entry.text}\n${field.value}` : entry.text;
    edited();
    field.focus();
  };
  const again = () => {
    entry.refused = false;
    keep.putEntry(entry);
    waiting(pending.get(entry.client_id));
    flush();
  };
  const lost = (entry.files ?? []).some(({ id }) => !id) || entry.refused === fileWords.pick_again;
  const acts = [[words.retry, again, !lost], [words.edit, edit, Boolean(entry.text)], [words.discard, () => drop(mine), true]];
  log.state(element, "failed", acts.filter(([, , may]) => may));
  element.title = entry.refused === true ? words.refused : entry.refused;
  if (lost) log.note(entry.refused);
}

function changed() {
  if (!link.ready) {
    landed();
    showTyping(false);
  }
  for (const mine of pending.values()) if (!mine.entry.refused) waiting(mine);
  showLine();
}

/** One honest line about the connection; nothing while all is well. */
function showLine() {
  const lost = words[keep.lasting ? "reconnecting" : "reconnecting_unsaved"];
  let text = "";
  if (!link.ready) text = navigator.onLine === false ? words.offline : link.failed ? lost : words.connecting;
  else if (held) text = heldText;
  if (!link.ready && link.failed && settings.hotline) text += ` ${fill(words.hotline, { hotline: settings.hotline })}`;
  log.staying(() => {
    if (get("line-text").textContent !== text) get("line-text").textContent = text;
    get("line").hidden = !text;
    get("reconnect").hidden = link.ready || !link.failed;
  });
}

// --- writing

function edited() {
  keep.set("draft", field.value);
  const length = field.value.length > limit - COUNT_FROM ? [...field.value.trim()].length : 0;
  const over = length - limit;
  get("counter").textContent =
    over > 0 ? fill(words.too_long, { count: over })
    : over > -COUNT_FROM ? fill(words.counter, { count: -over }) : "";
  field.setAttribute("aria-invalid", String(over > 0));
  get("send").disabled = over > 0 || !(field.value.trim() || tray.count);
  log.staying(() => {
    field.style.height = "auto";
    field.style.height = `${field.scrollHeight + 2}px`; // and the border
  });
}

function submit() {
  const text = field.value.trim();
  if (!(text || tray.count) || [...text].length > limit) return;
  field.value = "";
  say(text, null, tray.take());
  edited();
  field.focus();
}

field.addEventListener("keydown", (event) => {
  // 229: the key belongs to an input method, which Safari no longer calls composing when Enter picks a word
  if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
  event.preventDefault();
  submit();
});
get("compose").addEventListener("submit", (event) => {
  event.preventDefault();
  submit();
});

let typingTold = 0;
let typingEnds = 0;

field.addEventListener("input", () => {
  edited();
  if (!field.value) {
    stopTyping();
    return;
  }
  const now = Date.now();
  if (now - typingTold >= TYPING_EVERY && link.send({ type: "typing", active: true })) typingTold = now;
  clearTimeout(typingEnds);
  typingEnds = setTimeout(stopTyping, TYPING_ENDS);
});

function stopTyping() {
  clearTimeout(typingEnds);
  if (typingTold) link.send({ type: "typing", active: false });
  typingTold = 0;
}

let typingShown = 0;

function showTyping(active) {
  clearTimeout(typingShown);
  log.staying(() => { get("typing").hidden = !active; });
  if (active) typingShown = setTimeout(() => showTyping(false), TYPING_SHOWN);
}

// --- what the screen has shown

let seen = 0;
let read = 0; // what was in view while this page was in the foreground: somebody may look elsewhere though the window is open
const unseen = new Set(); // numbers
const onScreen = new Set();

const observer = new IntersectionObserver((entries) => {
  for (const { target, isIntersecting, intersectionRatio, intersectionRect, rootBounds } of entries) {
    const tall = intersectionRect.height > (rootBounds?.height ?? innerHeight) / 2;
    if (isIntersecting && (intersectionRatio >= 0.5 || tall)) onScreen.add(target);
    else onScreen.delete(target);
  }
  tellSeen();
}, { threshold: [0, 0.25, 0.5, 0.75, 1] });

function watch(element, number) {
  if (number > seen) unseen.add(number);
  observer.observe(element);
  tellUnread();
}

function tellSeen() {
  if (document.visibilityState !== "visible") return;
  const newest = Math.max(0, ...[...onScreen].map((element) => Number(element.dataset.number ?? 0)));
  if (newest > seen && link.send({ type: "seen", message: newest })) {
    seen = newest;
    keep.set("seen", JSON.stringify([conversation, seen]));
    for (const number of unseen) if (number <= seen) unseen.delete(number);
    tellUnread();
  }
  tellRead(newest);
}

function tellRead(newest) {
  if (newest > read && document.hasFocus() && link.send({ type: "read", message: newest })) read = newest;
}

function restoreSeen(id) {
  let known = [];
  try { known = JSON.parse(keep.get("seen")) ?? []; } catch { /* written by nobody we know: nothing is seen */ }
  seen = known[0] === id ? known[1] : 0;
  read = 0; // told once more after a reload: what is known already changes nothing
  unseen.clear();
}

document.addEventListener("visibilitychange", tellSeen);
window.addEventListener("focus", tellSeen);

// --- the page around us

const host = { window: window.parent === window ? null : window.parent, origin: null };
const hosts = [location.origin, ...settings.origins];

function tellHost(what, values = {}) {
  if (host.window && host.origin) host.window.postMessage({ qingting: what, ...values }, host.origin);
}

function tellUnread() {
  tellHost("unread", { count: unseen.size });
}

window.addEventListener("message", ({ source, origin, data }) => {
  if (!host.window || source !== host.window || !hosts.includes(origin)) return;
  if (data?.qingting === "hello") {
    host.origin = origin;
    get("close").hidden = false;
    tellUnread();
  } else if (data?.qingting === "opened") {
    field.focus();
    log.toEnd();
  }
});
get("close").addEventListener("click", () => tellHost("close"));
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && !event.isComposing && event.keyCode !== 229) tellHost("close");
});

// --- beginning and end

function clearLog() {
  log.clear();
  onScreen.clear();
  unseen.clear();
  observer.disconnect();
  for (const { entry, uploads } of pending.values()) enqueue(entry, uploads);
}

function startAnew(other) {
  session = other;
  last = 0;
  written = false;
  owner = { owner: "bot", name: null };
  showOwner();
  clearLog();
  link.again();
}

let forgetting = 0;

get("forget").addEventListener("click", ({ target }) => {
  clearTimeout(forgetting);
  if (target.dataset.sure) {
    keep.clear();
    for (const { uploads } of pending.values()) uploads.forEach((upload) => upload.cancel());
    tray.clear();
    pending.clear();
    landed();
    startAnew(null);
    log.note(words.forgotten);
  } else {
    forgetting = setTimeout(() => askForget(target, false), 5000);
  }
  askForget(target, !target.dataset.sure);
});

function askForget(target, sure) {
  target.textContent = sure ? words.forget_confirm : words.forget;
  if (sure) target.dataset.sure = "yes";
  else delete target.dataset.sure;
}

// another tab began or forgot a conversation: an empty one joins it, a forgotten one goes here too
keep.onSession((other) => {
  if (other !== session && (!written || other === null)) startAnew(other);
});

get("reconnect").addEventListener("click", () => link.again());
for (const entry of keep.outbox()) enqueue(entry);
field.value = keep.get("draft") ?? "";
edited();
showLine();
link.now();
if (!host.window) field.focus();
