// Signing in by the institution's own service: a link there, and the password only for those who may still use one.

import { h } from "./dom.js";
import { room, t } from "./words.js";

const { provider: name, passwords } = document.documentElement.dataset;

/** The way there, before whatever of the password's form may stay. `after`: where the browser comes back to. */
export async function offer(form, password) {
  await room("sign-in");
  const way = h("a", { class: "button strong", href: `/sign-in/oidc?${new URLSearchParams({ to: location.pathname })}` }, t("provider_sign_in.by", { name }));
  if (passwords === "none") {
    password.forEach((part) => part.remove());
    form.append(way);
  } else {
    const folded = h("details", { class: "by-password" }, h("summary", {}, t("provider_sign_in.or_password")));
    password[0].before(way, folded);
    folded.append(...password);
    password.at(-1).classList.remove("strong");
  }
  way.focus();
}

/** Said of an account whose password counts no more. */
export const refused = () => t("provider_sign_in.refused", { name });
