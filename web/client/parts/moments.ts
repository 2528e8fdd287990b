/** Moments as people say them. The place's time zone is the phone's. */

import { language, t } from "../words";

export function clockTime(at: string | number): string {
  return new Intl.DateTimeFormat(language.value, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" }).format(new Date(at));
}

/** 「今天 08:40」「昨天 17:05」「6月13日 08:40」 */
export function moment(at: string | number, now: number = Date.now()): string {
  const days = dayNumber(now) - dayNumber(at);
  if (days === 0) return `${t("phone.time.today")} ${clockTime(at)}`;
  if (days === 1) return `${t("phone.time.yesterday")} ${clockTime(at)}`;
  return `${day(at)} ${clockTime(at)}`;
}

export function day(at: string | number): string {
  return new Intl.DateTimeFormat(language.value, { month: language.value === "en" ? "short" : "long", day: "numeric" }).format(new Date(at));
}

/** 2027-06-12 as 「2027年6月12日」. */
export function wholeDay(date: string): string {
  return new Intl.DateTimeFormat(language.value, { dateStyle: "long" }).format(new Date(`${date}T00:00:00`));
}

/** The head of a day's page: 「22」 large, 「11月」 and 「星期日」 beside it. */
export function dayParts(at: string | number): { number: string; month: string; weekday: string } {
  const date = new Date(at);
  const say = (wanted: Intl.DateTimeFormatOptions): string => new Intl.DateTimeFormat(language.value, wanted).format(date);
  return { number: String(date.getDate()), month: say({ month: "long" }), weekday: say({ weekday: "long" }) };
}

export function isToday(at: string | number, now: number = Date.now()): boolean {
  return dayNumber(now) === dayNumber(at);
}

/** 「3分钟」「2小时」「5天」 */
export function age(since: number, now: number = Date.now()): string {
  const minutes = Math.max(1, Math.round((now - since) / 60_000));
  if (minutes < 60) return t("phone.time.minutes", { n: minutes });
  if (minutes < 48 * 60) return t("phone.time.hours", { n: Math.round(minutes / 60) });
  return t("phone.time.days", { n: Math.round(minutes / 1440) });
}

function dayNumber(at: string | number): number {
  const date = new Date(at);
  return Math.floor((date.getTime() - date.getTimezoneOffset() * 60_000) / 86_400_000);
}
