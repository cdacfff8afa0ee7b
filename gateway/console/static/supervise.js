// What supervisors watch: a place of sections, each fetched when it is opened.

import { place } from "./sections.js";

const READ = ["reports:read", "admin"];

// [name, any of these scopes]; section `x` is the module supervise-x.js with the element qt-supervise-x and the words of the room supervise-x
place("supervise", [["now", ...READ], ["figures", ...READ], ["quality", ...READ], ["surges", ...READ]], (name) => import(`./supervise-${name}.js`));
