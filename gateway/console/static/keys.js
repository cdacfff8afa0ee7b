// Shortcuts: single keys, never while something is written, never with a modifier.

const bound = new Map();

/** bind({t: () => …}) answers a function that lets go of them again. */
export function bind(keys) {
  for (const [key, act] of Object.entries(keys)) bound.set(key, act);
  return () => {
    for (const [key, act] of Object.entries(keys)) if (bound.get(key) === act) bound.delete(key);
  };
}

const STILL_WRITING = 2_000;
let wrote = { field: null, at: 0 };
const writes = (node) => node.matches("input:not([data-choose]), textarea, select, [contenteditable]"); // nothing is written into a row's box

addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || event.defaultPrevented) return;
  if (event.target instanceof Element && writes(event.target)) {
    wrote = { field: event.target, at: event.timeStamp };
    if (event.key === "Escape") event.target.blur();
    return;
  }
  // whoever goes on writing when the field has been taken away means no shortcut
  if (wrote.field && !wrote.field.isConnected && event.timeStamp - wrote.at < STILL_WRITING) {
    wrote.at = event.timeStamp;
    return;
  }
  if (document.querySelector("dialog[open]")) return;
  const act = bound.get(event.key);
  if (act) {
    event.preventDefault();
    act();
  }
});
