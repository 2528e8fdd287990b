/** What an own change is called: a report, a step, or the fields that it wrote. */

import { choiceLabel, fieldOf, TYPES } from "../model/declared";
import type { Change } from "../model/wire";
import { aboutDoor } from "./doors";
import { coded, language, t } from "../words";

const QUIET = new Set(["class", "temp_no", "captured_at", "source"]);

export function entryTitle(change: Change): string {
  if (change.type === "task" || change.type === "survey_response") return ofDoor(change);
  if (change.type !== "case") return ofOther(change);
  if (change.create) return t("phone.entries.report");
  const step = change.set?.status as { from?: string; to?: string } | undefined;
  if (step?.to && step.from === step.to) return t("phone.did.decided_title");
  if (step?.to) return coded("phone.line.mine", step.to, "phone.line.mine.something");
  if (change.set?.additions) return t("phone.line.mine.added");
  const names = Object.keys(change.set ?? {}).filter((name) => !QUIET.has(name));
  if (names.length === 0) return t("phone.line.mine.something");
  return t("phone.entries.edit", { fields: names.map((name) => fieldOf(change.type, name)?.labels[language.value] ?? name).join(" · ") });
}

/** 「3-2-501 · 已通知」 */
function ofDoor(change: Change): string {
  const about = aboutDoor(change);
  const step = change.set?.status as { from?: string; to?: string } | undefined;
  const told = step?.to === "done" && about?.kind === "notify";
  const tried = Object.values((change.set?.tries ?? {}) as { [id: string]: { outcome?: string } })[0]?.outcome;
  const answers = Object.keys((change.set?.answers ?? {}) as object).length;
  const what = change.type === "survey_response"
    ? t("phone.stairs.entry.answers", { n: answers })
    : step?.to && step.from === step.to ? t("phone.stairs.entry.decided") : coded("phone.stairs.entry", told ? "notified" : (step?.to ?? tried ?? "other"), "phone.stairs.entry.other");
  return [about?.door || (TYPES[change.type]?.labels[language.value] ?? change.type), what].join(" · ");
}

/** 走访 · 见到了; 关爱约定 · 记一句. */
function ofOther(change: Change): string {
  const name = TYPES[change.type]?.labels[language.value] ?? change.type;
  const to = (change.set?.status as { to?: string } | undefined)?.to;
  if (to) return `${name} · ${choiceLabel(change.type, "status", to, language.value)}`;
  const fields = change.create ? [] : Object.keys(change.set ?? {}).map((each) => fieldOf(change.type, each)?.labels[language.value] ?? each);
  return [name, ...fields].join(" · ");
}

/** The words in it that its writer will know it by. */
export function entryWords(change: Change): string {
  const set = change.set ?? {};
  const text = (value: unknown): string => String((value as { text?: string } | null)?.text ?? "");
  const added = Object.values((set.additions ?? {}) as Record<string, unknown>).map(text);
  return [text(set.description), text(set.resolution), ...added].filter(Boolean).join(" ");
}
