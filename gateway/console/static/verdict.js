// Is a mail from whom it says? One word, and behind it what it rests on.

import { h } from "./dom.js";
import { t, term } from "./words.js";

const TONES = { pass: "good", fail: "bad" };

export function verdict(found) {
  if (!found || found.result === "off") return null;
  const { result } = found;
  return h("span", { class: `tag verdict ${TONES[result] ?? ""}`, title: reasons(found) }, t(`verdict.${result}`));
}

/** In words: why, and how each check came out. */
function reasons(found) {
  const checks = [
    found.spf?.domain ? `SPF ${found.spf.result} (${found.spf.domain})` : "",
    ...(found.dkim ?? []).map((one) => `DKIM ${one.result} (${one.domain})`),
    found.dmarc?.domain || found.dmarc?.result === "fail" ? `DMARC ${found.dmarc.result} (${found.dmarc.domain ?? found.from})` : "",
  ];
  return [term("verdict_why", found.why ?? found.result), ...checks].filter(Boolean).join(" · ");
}

/** What a person should know of how the mail could be read. */
export function notes(found, judged) {
  const said = judged?.result === "fail" ? [`${term("verdict_why", judged.why)} ${t("message.sender_doubted")}`] : [];
  if (!found) return shown(said);
  if (found.sealed) said.push(term("sealed", found.sealed));
  if (found.invitation) said.push(t("message.invitation"));
  if (found.parts_not_read) said.push(t("message.parts_not_read", { n: found.parts_not_read }));
  if (found.longer) said.push(t("message.longer"));
  return shown(said);
}

const shown = (said) => said.map((text) => h("p", { class: "reading-note" }, text));
