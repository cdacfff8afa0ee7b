// Words in a conversation, shown and marked because an address names them: `#words=MESSAGE,START,END,PART`.

let marked = null;

/** Marks what the page's address names, if this conversation has it; answers whether it has. */
export function mark(conversation) {
  clear();
  const [message, start, end, part] = decodeURIComponent(location.hash.replace(/^#words=/, "")).split(",");
  const text = conversation.querySelector(`[data-message="${CSS.escape(message ?? "")}"] .${part === "subject" ? "subject" : "text"}`);
  text?.querySelectorAll("button.masked").forEach((one) => one.replaceWith(one.dataset.masked)); // one text again, as masked as it came: numbers become buttons anew
  text?.normalize();
  const node = text?.firstChild;
  if (!node || node.nodeType !== Node.TEXT_NODE) return false;
  const [from, to] = [Number(start), Number(end)].map((count) => units(node.data, count));
  if (!(from < to)) return false;
  const range = document.createRange();
  range.setStart(node, from);
  range.setEnd(node, to);
  marked = document.createElement("mark");
  marked.tabIndex = -1; // the reader is led to the words, and a screen reader says them
  range.surroundContents(marked);
  marked.scrollIntoView({ block: "center" });
  marked.focus({ preventScroll: true });
  return true;
}

function clear() {
  const text = marked?.parentNode;
  if (text) {
    marked.replaceWith(...marked.childNodes);
    text.normalize();
  }
  marked = null;
}

/** Code units before so many characters: the API counts characters. */
const units = (text, count) => Array.from(text).slice(0, count).join("").length;
