/** How long ago, as one says it of a place. */

import { t } from "../../words";

const DAY_MS = 86_400_000;

export function daysSince(at: number, now: number = Date.now()): number {
  const day = (each: number): number => Math.floor((each - new Date(each).getTimezoneOffset() * 60_000) / DAY_MS);
  return Math.max(0, day(now) - day(at));
}

export function whenLast(at: number | undefined): string {
  if (at === undefined) return t("phone.round.never");
  const days = daysSince(at);
  return t("phone.round.last", { when: days === 0 ? t("phone.round.last_today") : t("phone.round.last_days", { n: days }) });
}
