/**
 * The complaints chat on any web site, by one script tag:
 *
 *   <script src="https://complaints.bank.example/widget.js" data-locale="zh-Hans" async></script>
 *
 * A button in a shadow root, and the chat in a frame from the address that the script came from: the page around it can't
 * read the frame, and the frame can't read the page. They tell each other only: hello, opened; close, unread.
 * `window.Qingting.open()` and `.close()` are for links of the page's own.
 */
(() => {
  const words = /* WORDS */ null;
  const script = document.currentScript;
  if (!script || window.Qingting) return;
  const base = new URL(".", script.src);
  const USED = "qingting.used";

  const STYLE = `
    :host { all: initial; --ink: #fff; --ground: #1c5a55; --ground-over: #17413e; --ring: #1c5a55; color-scheme: light dark; }
    @media (prefers-color-scheme: dark) { :host { --ink: #0f1d1c; --ground: #86cabf; --ground-over: #a5dbd2; --ring: #86cabf; } }
    button { position: fixed; z-index: 2147483000; inset: auto max(1.25rem, env(safe-area-inset-right)) max(1.25rem, env(safe-area-inset-bottom)) auto;
      display: flex; align-items: center; gap: .6em; min-height: 52px; padding: 0 1.35em 0 1.1em; border: 0; border-radius: 26px; cursor: pointer;
      background: var(--ground); color: var(--ink); box-shadow: 0 2px 6px #0003, 0 8px 28px #0003;
      font: 600 16px/1.2 -apple-system, "Segoe UI", Roboto, "Noto Sans", "PingFang SC", "PingFang TC", "Microsoft YaHei", "Microsoft JhengHei", "Noto Sans CJK SC", sans-serif; }
    button:hover { background: var(--ground-over); }
    button:focus-visible { outline: 3px solid var(--ring); outline-offset: 3px; }
    button[hidden] { display: none; }
    svg { width: 24px; height: 24px; fill: none; stroke: currentColor; stroke-width: 1.7; stroke-linecap: round; stroke-linejoin: round; }
    .badge { position: absolute; top: -6px; right: -4px; min-width: 22px; height: 22px; padding: 0 6px; box-sizing: border-box; border-radius: 11px;
      background: #b3261e; color: #fff; font-size: 13px; line-height: 22px; text-align: center; }
    .badge[hidden] { display: none; }
    .said { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
    iframe { position: fixed; z-index: 2147483001; right: max(1.25rem, env(safe-area-inset-right)); bottom: max(1.25rem, env(safe-area-inset-bottom));
      width: min(400px, calc(100vw - 2.5rem)); height: min(680px, calc(100dvh - 2.5rem)); border: 0; border-radius: 16px; background: Canvas;
      box-shadow: 0 0 0 1px #0000001a, 0 4px 12px #0000001f, 0 18px 60px #00000040; }
    iframe[hidden] { display: none; }
    @media (max-width: 520px) { button { width: 56px; min-height: 56px; padding: 0; justify-content: center; border-radius: 50%; } .text { display: none; } }
    @media (max-width: 520px), (max-height: 480px) { iframe { inset: 0; width: 100%; height: 100%; height: 100dvh; border-radius: 0; box-shadow: none; } }
    @media print { button, iframe { display: none; } }
    @media (prefers-reduced-motion: no-preference) {
      iframe { animation: rise .18s ease-out; }
      @keyframes rise { from { opacity: 0; transform: translateY(12px); } }
    }`;

  const locale = nearest(script.dataset.locale || document.documentElement.lang || navigator.language || "");
  const text = words[locale];
  const root = document.createElement("qingting-chat").attachShadow({ mode: "closed" });
  const button = document.createElement("button");
  const badge = document.createElement("span");
  const said = document.createElement("span");
  let frame = null;
  let loaded = false;
  let unread = 0;

  function nearest(tag) {
    const written = tag.replace("_", "-").toLowerCase();
    if (/^(zh-(hant|tw|hk|mo)|yue)/.test(written)) return "zh-Hant";
    return written.startsWith("en") ? "en" : "zh-Hans";
  }

  function build() {
    const sheet = new CSSStyleSheet(); // a style element would break on sites that forbid inline style
    sheet.replaceSync(STYLE);
    root.adoptedStyleSheets = [sheet];
    button.type = "button";
    button.lang = locale;
    button.setAttribute("aria-haspopup", "dialog");
    badge.className = "badge";
    badge.setAttribute("aria-hidden", "true");
    said.className = "said";
    said.setAttribute("role", "status");
    const shown = document.createElement("span");
    shown.className = "text";
    shown.textContent = text.open;
    button.append(icon(), shown, badge);
    button.addEventListener("click", open);
    root.append(button, said);
    label();
    document.body.append(root.host);
    if (used()) load(); // so that answers are counted on the next page of the site too
  }

  function icon() {
    const space = "http://www.w3.org/2000/svg";
    const drawing = document.createElementNS(space, "svg");
    const path = document.createElementNS(space, "path");
    drawing.setAttribute("viewBox", "0 0 24 24");
    drawing.setAttribute("aria-hidden", "true");
    path.setAttribute("d", "M20 11.5a7.5 7.5 0 0 1-11 6.6L4 19.5l1.4-4.6A7.5 7.5 0 1 1 20 11.5ZM9 10.5h7M9 13.5h4.5");
    drawing.append(path);
    return drawing;
  }

  function load() {
    if (frame) return;
    frame = document.createElement("iframe");
    frame.hidden = true;
    frame.title = text.frame_title;
    frame.allow = "clipboard-write";
    frame.referrerPolicy = "strict-origin";
    // on our own pages there is nobody to be kept apart from
    for (const may of base.origin === location.origin ? [] : ["allow-scripts", "allow-same-origin", "allow-forms", "allow-popups", "allow-popups-to-escape-sandbox", "allow-downloads"]) {
      frame.sandbox.add(may);
    }
    frame.addEventListener("load", () => {
      loaded = true;
      tell("hello");
      if (!frame.hidden) tell("opened");
    });
    frame.src = new URL(`chat?lang=${locale}`, base).href;
    root.append(frame);
  }

  function tell(what) {
    if (loaded) frame.contentWindow.postMessage({ qingting: what }, base.origin);
  }

  function open() {
    load();
    frame.hidden = false;
    button.hidden = true;
    remember();
    frame.focus();
    tell("opened");
  }

  function close() {
    if (!frame || frame.hidden) return;
    frame.hidden = true;
    button.hidden = false;
    button.focus();
  }

  function label() {
    const count = unread > 0 ? text.unread.replace("{count}", unread) : "";
    badge.hidden = !count;
    badge.textContent = unread > 99 ? "99+" : unread;
    button.setAttribute("aria-label", [text.open, text.open_label, count].filter(Boolean).join(" · "));
    if (said.textContent !== count) said.textContent = count;
  }

  function used() {
    try { return sessionStorage.getItem(USED) !== null; } catch { return false; }
  }

  function remember() {
    try { sessionStorage.setItem(USED, "1"); } catch { /* the site allows no storage: counted on this page only */ }
  }

  window.addEventListener("message", ({ source, origin, data }) => {
    if (!frame || source !== frame.contentWindow || origin !== base.origin) return;
    if (data?.qingting === "close") close();
    if (data?.qingting === "unread") {
      unread = Math.max(0, Math.trunc(Number(data.count)) || 0);
      label();
    }
  });
  window.Qingting = Object.freeze({ open, close });
  if (document.body) build();
  else addEventListener("DOMContentLoaded", build);
})();
