/** Moments as people say them. The place's time zone is the phone's. */

import { language, t } from "../words";
import { phoneTime } from "./beat";

/** To make a formatter takes a slow phone 10 ms, to use one next to nothing: each is made once. */
const formats = new Map<string, Intl.DateTimeFormat>();

function say(at: string | number | Date, wanted: Intl.DateTimeFormatOptions): string {
  const key = language.value + JSON.stringify(wanted);
  const format = formats.get(key) ?? new Intl.DateTimeFormat(language.value, wanted);
  formats.set(key, format);
  return format.format(new Date(at));
}

export function clockTime(at: string | number): string {
  return say(at, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
}

/** 「今天 08:40」「昨天 17:05」「6月13日 08:40」 */
export function moment(at: string | number, now: number = phoneTime()): string {
  const days = dayNumber(now) - dayNumber(at);
  if (days === 0) return `${t("phone.time.today")} ${clockTime(at)}`;
  if (days === 1) return `${t("phone.time.yesterday")} ${clockTime(at)}`;
  return `${day(at)} ${clockTime(at)}`;
}

export function day(at: string | number): string {
  return say(at, { month: language.value === "en" ? "short" : "long", day: "numeric" });
}

/** 2027-06-12 as 「2027年6月12日」. */
export function wholeDay(date: string): string {
  return say(`${date}T00:00:00`, { dateStyle: "long" });
}

/** The head of a day's page: 「22」 large, 「11月」 and 「星期日」 beside it. */
export function dayParts(at: string | number): { number: string; month: string; weekday: string } {
  return { number: String(new Date(at).getDate()), month: say(at, { month: "long" }), weekday: say(at, { weekday: "long" }) };
}

export function isToday(at: string | number, now: number = phoneTime()): boolean {
  return dayNumber(now) === dayNumber(at);
}

/** 「3分钟」「2小时」「5天」 */
export function age(since: number, now: number = phoneTime()): string {
  const minutes = Math.max(1, Math.round((now - since) / 60_000));
  if (minutes < 60) return t("phone.time.minutes", { n: minutes });
  if (minutes < 48 * 60) return t("phone.time.hours", { n: Math.round(minutes / 60) });
  return t("phone.time.days", { n: Math.round(minutes / 1440) });
}

function dayNumber(at: string | number): number {
  const date = new Date(at);
  return Math.floor((date.getTime() - date.getTimezoneOffset() * 60_000) / 86_400_000);
}
