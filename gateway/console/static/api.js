// The JSON API: one place for the session's token, for errors, and for what happens when nobody is signed in any more.

export const session = new EventTarget(); // "ended"; "forgotten": what somebody else was doing in this tab is nobody's any more
let csrf = null;
let signedIn = 0; // how often: a request of an earlier session may be answered in a later one
const UNASKED = /^\/(session|wording|drafts|conversations\/[^/]+\/(messages\/preview|drafts.*))$/; // asked by nobody's hand: an agent who is writing isn't interrupted for them

/** An answer other than success: `code`, `detail` and the members of the problem document. */
export class Problem extends Error {
  constructor(status, document, retryAfter) {
    super(document.detail ?? String(status));
    this.status = status;
    this.code = document.code ?? "error";
    this.document = document;
    this.retryAfter = retryAfter;
  }
}

/** Nothing came back: no network, or a gateway that restarts. */
export class Unreachable extends Error {}

async function answered(method, path, body, headers) {
  // a draft that is put away as its page closes still arrives
  const options = { method, headers: { Accept: "application/json", Masked: "yes", ...headers }, credentials: "same-origin", keepalive: method === "PUT" };
  if (body !== undefined) {
    options.body = JSON.stringify(body);
    options.headers["Content-Type"] = "application/json";
  }
  if (csrf && method !== "GET") options.headers["X-CSRF-Token"] = csrf;
  const began = signedIn;
  let response;
  try {
    response = await fetch(`/api/v1${path}`, options);
  } catch {
    throw new Unreachable();
  }
  if (response.ok) return response;
  if (response.status === 401 && !UNASKED.test(path)) ended(began);
  throw new Problem(response.status, await response.json().catch(() => ({})), Number(response.headers.get("Retry-After")) || null);
}

/** The session that a request was made in is over; whoever has signed in since goes on. */
function ended(began) {
  if (began !== signedIn) return;
  csrf = null;
  session.dispatchEvent(new Event("ended"));
}

export async function call(method, path, body = undefined, headers = {}) {
  const response = await answered(method, path, body, headers);
  return response.status === 204 ? null : response.json().catch(() => ({}));
}

/** A file that is asked for by what stands in a body and not in an address. */
export const download = async (path, body) => (await answered("POST", path, body, { Accept: "*/*" })).blob();

/** A form with files, whose progress is told from 0 to 1. The same key again does nothing twice. */
export function upload(path, form, key = crypto.randomUUID(), progress = () => {}) {
  return new Promise((done, failed) => {
    const began = signedIn;
    const request = new XMLHttpRequest();
    request.open("POST", `/api/v1${path}`);
    request.setRequestHeader("Accept", "application/json");
    request.setRequestHeader("Masked", "yes");
    request.setRequestHeader("Idempotency-Key", key);
    if (csrf) request.setRequestHeader("X-CSRF-Token", csrf);
    request.upload.addEventListener("progress", (event) => event.lengthComputable && progress(event.loaded / event.total));
    request.addEventListener("error", () => failed(new Unreachable()));
    request.addEventListener("load", () => {
      const document = parsed(request.responseText);
      if (request.status < 400) return done(document);
      if (request.status === 401) ended(began);
      failed(new Problem(request.status, document, Number(request.getResponseHeader("Retry-After")) || null));
    });
    request.send(form);
  });
}

/** What a request that is made elsewhere says of whoever is signed in. */
export const sessionHeaders = () => (csrf ? { "X-CSRF-Token": csrf } : {});

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
}

export const get = (path) => call("GET", path);

/** A change that may be sent again under the same key without happening twice. */
export const post = (path, body, key = crypto.randomUUID()) => call("POST", path, body, { "Idempotency-Key": key });
export const patch = (path, version, body) => call("PATCH", path, body, { "If-Match": `"${version}"` });

/** The answers to one question, in the order in which they were asked for: one is late when a newer one has come before it. */
export class Order {
  #asked = 0;
  #come = 0;

  ask() {
    return (this.#asked += 1);
  }

  isLate(turn) {
    if (turn < this.#come) return true;
    this.#come = turn;
    return false;
  }
}

export function query(values) {
  const chosen = Object.entries(values).filter(([, value]) => value !== null && value !== undefined && value !== "");
  return chosen.length ? `?${new URLSearchParams(chosen)}` : "";
}

/** `shown`: name and password, or a challenge and its code. */
export async function signIn(shown) {
  csrf = (await call("POST", "/session", shown)).csrf_token;
  signedIn += 1;
  return me();
}

/** Who is signed in, or null. */
export async function me() {
  try {
    const found = await call("GET", "/agents/me");
    csrf = found.csrf_token;
    return found;
  } catch (error) {
    if (error instanceof Problem && error.status === 401) return null;
    throw error;
  }
}

/** Where the browser goes on to, to sign out at the institution's own sign-in service as well; or null. */
export async function signOut() {
  try {
    return (await call("POST", "/sign-out")).at;
  } finally {
    csrf = null;
  }
}
