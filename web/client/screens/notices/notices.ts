/** The notices on this phone: which are news, which have been looked at, and saying 知道了. */

import { computed, type ComputedRef } from "vue";

import { app, db, me, now, nowText, writable } from "../../app";
import { derived } from "../../model/derived";
import { asksWord, hangs, isFor, isFreshlyWithdrawn, isOut, markOf, newestFirst } from "../../model/notice";
import type { View } from "../../model/overlay";
import { creation, keep } from "../../parts/keep";
import { useLive, useViews } from "../../parts/live";
import { myRoles } from "../../parts/steps";
import { one } from "../../store/reads";
import { t } from "../../words";

const READ = "notices_read";
const MOST_READ = 500;
const ACK = "notice_ack";

export interface Board {
  /** Of those for this reader, newest first, also what has come down. */
  all: View[];
  /** Not looked at, or waiting for the reader's word. */
  news: View[];
  /** Of these the reader has said that they know. */
  known: Set<string>;
}

export function useBoard(): ComputedRef<Board | null> {
  const [notices, acks] = [useViews("notice"), useViews(ACK)];
  const looked = useLive(async () => new Set((await db().get<string[]>(READ)) ?? []));
  return computed(() => {
    const read = looked.value;
    if (!notices.value || !acks.value || !read) return null;
    const known = new Set(acks.value.filter((each) => each.by === me()).map((each) => String(each.fields.notice ?? "")));
    const all = notices.value.filter((each) => isOut(each) && isFor(each, myRoles())).sort(newestFirst);
    return { all, known, news: all.filter((each) => isNews(each, read, known)) };
  });
}

function isNews(notice: View, read: Set<string>, known: Set<string>): boolean {
  if (asksWord(notice, now()) && notice.by !== me()) return !known.has(notice.id);
  if (hangs(notice, now())) return !read.has(markOf(notice)) && notice.by !== me();
  return isFreshlyWithdrawn(notice, now()) && (read.has(notice.id) || known.has(notice.id)) && !read.has(markOf(notice));
}

/** It was looked at. This stays on the phone: nobody is told who has read what. */
export async function lookedAt(notice: View): Promise<void> {
  const read = (await db().get<string[]>(READ)) ?? [];
  if (!read.includes(markOf(notice))) await db().set(READ, [...read, markOf(notice)].slice(-MOST_READ));
}

export const asks = (notice: View): boolean => asksWord(notice, now()) && notice.by !== me();

/** The book of the place that somebody works at: there their word stands for one more of this place. */
function ownBook(): string | null {
  const mine = new Set(writable().map((each) => each.book));
  return app.account?.session.account.roles.find((each) => mine.has(each.place))?.place ?? writable()[0]?.book ?? null;
}

/** 知道了: one tap, ten seconds to take it back. */
export async function sayKnown(notice: View): Promise<boolean> {
  const book = ownBook();
  if (!book) return false;
  const record = await derived(ACK, notice.id, me());
  const found = await one(db(), record, me());
  const set = { notice: notice.id, author: notice.by, at: nowText() };
  const edit = creation(ACK, record, book, set, { seen: found?.seen ?? 0, knew: found?.knew ?? null });
  if (!(await keep([edit], t("phone.notice.said")))) return false;
  await lookedAt(notice);
  return true;
}
