// What supervisors watch: a place of sections, each fetched when it is opened.

import { place } from "./sections.js";

// [name, any of these scopes]; section `x` is the module supervise-x.js with the element qt-supervise-x and the words of the room supervise-x
place("supervise", [["now", "reports:read", "admin"], ["figures", "reports:read", "admin"]], (name) => import(`./supervise-${name}.js`));
place("supervise", [["quality", "reports:read", "admin"], ["surges", "reports:read", "admin"]], (name) => import(`./supervise-${name}.js`));
