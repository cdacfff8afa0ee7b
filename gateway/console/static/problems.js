// What went wrong, as a sentence for whoever sits before it.

import { Problem, Unreachable } from "./api.js";
import { t } from "./words.js";

export function told(error) {
  if (error instanceof Unreachable) return t("problem.unreachable");
  if (!(error instanceof Problem)) {
    console.error(error);
    return t("problem.unexpected");
  }
  if (error.code === "mistyped_reference") return t("problem.mistyped");
  if (error.status === 401) return t("problem.signed_out");
  if (error.status === 403) return t("problem.not_allowed");
  if (error.status === 404) return t("problem.not_found");
  if (error.status === 429) return t("problem.too_many", { seconds: error.retryAfter ?? 60 });
  if (error.status === 503) return t("problem.unavailable");
  if (error.document.errors) return error.document.errors.map((one) => (one.field ? `${one.field}: ${one.detail}` : one.detail)).join("; ");
  return error.message;
}
