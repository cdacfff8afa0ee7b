// What agents set for themselves and administrators for the house: a place of sections, each fetched when it is opened.

import { place } from "./sections.js";

place(
  "settings",
  [
    ["me"],
    ["quality"],
    ["canned", "conversations:write"],
    ["texts", "supervise"],
    ["policy", "admin"],
    ["calendar", "admin"],
    ["agents", "admin"],
    ["teams", "admin"],
    ["keys", "admin"],
    ["webhooks", "admin"],
    ["persons", "admin"],
  ],
  (name) => import(`./settings-${name}.js`),
);
