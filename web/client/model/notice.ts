/** A notice as the phone understands it: whether it hangs, whom it is for, in which language it is read. Pure. */

import type { NoticeFields } from "./types.gen";
import type { BookRecord } from "./wire";

const DAY_MS = 86_400_000;
/** So long its readers are asked to say that they know: then the single words are erased. */
const ASKED_MS = 30 * DAY_MS;
/** So long somebody who has read it is told that it was withdrawn. */
const TOLD_MS = 7 * DAY_MS;

export interface Words {
  title: string;
  body: string;
  /** Tag of the translation; null for the words of the publisher. */
  language: string | null;
}

type Read = Pick<BookRecord, "fields">;

export const noticeOf = (record: Read): NoticeFields => record.fields as unknown as NoticeFields;

const stateOf = (record: Read): string => noticeOf(record).status?.status ?? "draft";

/** Out among people, whether or not it has come down since. */
export const isOut = (record: Read): boolean => ["published", "expired", "withdrawn"].includes(stateOf(record));

export const isWithdrawn = (record: Read): boolean => stateOf(record) === "withdrawn";

/** Up on the board now: the phone takes it down at its hour without being told. */
export function hangs(record: Read, now: number): boolean {
  const { expire_at } = noticeOf(record);
  return stateOf(record) === "published" && (!expire_at || Date.parse(expire_at) > now);
}

/** Without named roles it is for everybody. */
export function isFor(record: Read, roles: readonly string[]): boolean {
  const named = Object.entries(noticeOf(record).audience ?? {}).filter(([, meant]) => meant).map(([role]) => role);
  return named.length === 0 || named.some((role) => roles.includes(role));
}

export function asksWord(record: Read, now: number): boolean {
  const { needs_ack, published_at } = noticeOf(record);
  return needs_ack === true && hangs(record, now) && now - Date.parse(published_at ?? "") < ASKED_MS;
}

/** What somebody who has read it will want to hear: it is withdrawn. */
export function isFreshlyWithdrawn(record: BookRecord, now: number): boolean {
  return isWithdrawn(record) && now - Date.parse(record.changed_at) < TOLD_MS;
}

/** In the reader's language where the publisher has given it, else as it was written. */
export function wordsOf(record: Read, language: string): Words {
  const { title = "", body = "" } = noticeOf(record);
  const tag = languagesOf(record).find((each) => each === language) ?? languagesOf(record).find((each) => main(each) === main(language));
  const found = tag ? (noticeOf(record).translations?.[tag] as { title?: string; body?: string } | undefined) : undefined;
  if (!tag || !found?.body) return { title, body, language: null };
  return { title: found.title || title, body: found.body, language: tag };
}

export const languagesOf = (record: Read): string[] => Object.keys(noticeOf(record).translations ?? {}).sort();

const main = (tag: string): string => tag.split("-")[0]!.toLowerCase();

/** What is remembered of a notice that was looked at; a withdrawn one is news again. */
export const markOf = (record: BookRecord): string => (isWithdrawn(record) ? `${record.id}:withdrawn` : record.id);

export const newestFirst = (a: BookRecord, b: BookRecord): number => (whenOf(a) < whenOf(b) ? 1 : -1);

export const whenOf = (record: BookRecord): string => noticeOf(record).published_at ?? record.made_at;
