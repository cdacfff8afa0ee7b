// How masked numbers look in a text: what gateway/masking.py leaves of cards and identity numbers, however they were written.
//
// Not here: what is done with them (masked.js).

const NONE = String.raw`\u00AD\u200B-\u200F\u202A-\u202E\u2060-\u2069\uFEFF`; // no width
const BLANK = String.raw` \t\u3000\u00A0\u2000-\u200A\u202F\u205F`;
const MARKS = String.raw`.．()（）/／·・•、，,‐‑‒–—―−－\-`;
const ENTITY = String.raw`&(?:nbsp|ensp|emsp|thinsp|zwj|zwnj|shy|#[0-9]{2,5}|#x[0-9a-f]{2,4});`;
const GAP = String.raw`(?:[${BLANK}${MARKS}${NONE}]|${ENTITY}){0,6}(?:\r?\n[${BLANK}${NONE}>＞]{0,6})?`;
const DIGIT = "[0-9０-９]";
const LETTER = "[A-Za-zＡ-Ｚａ-ｚ]";
const NAMED = `[0-9０-９A-Za-zＡ-Ｚａ-ｚ_＿\\-－‐‑‒–—―−]`; // what a number that begins with a letter doesn't stand beside
const hidden = (least, most) => String.raw`(?:\*${GAP}){${least},${most}}`;
const SHORT = `(?:[${NONE}]|${ENTITY})*`;

const FORMS = [
  ["bank_card", new RegExp(`(?<!${DIGIT})${hidden(9, 40)}${DIGIT}(?:${GAP}${DIGIT}){3}(?!${DIGIT})`, "giu")],
  ["id_card", new RegExp(`(?<!${DIGIT})(?:${DIGIT}${GAP}){3}${hidden(8, 11)}(?:${DIGIT}${GAP}){3}[0-9０-９XxＸｘ](?!${DIGIT})`, "giu")],
  ["id_card", new RegExp(String.raw`(?<!${NAMED})${LETTER}${SHORT}(?:\*${SHORT}){4,6}(?:(?:${DIGIT}${SHORT}){2}${DIGIT}|(?:${DIGIT}${SHORT}){2}[${BLANK}]?${SHORT}[(（]?[0-9０-９AaＡａ][)）]?)(?!${NAMED})`, "giu")],
];
const BULLET = new RegExp(String.raw`^\*{1,2}[${BLANK}]+(?=\*{3})`, "u"); // stars before a number, which are none of its own

/** The masked numbers of a text in their order: `kind`, `at`, and what stands there, `masked`. */
export function numbersIn(text) {
  const found = FORMS.flatMap(([kind, form]) => [...text.matchAll(form)].map((match) => own(kind, match))).sort((one, other) => one.at - other.at);
  let end = 0;
  return found.filter(({ at, masked }) => at >= end && (end = at + masked.length));
}

function own(kind, { index, 0: whole }) {
  const before = kind === "bank_card" ? (whole.match(BULLET)?.[0].length ?? 0) : 0;
  return { kind, at: index + before, masked: whole.slice(before) };
}
