/** One tap at a door: everything it means is saved at once, and comes back as a whole for ten seconds. */

import { db, me, nowText } from "../../app";
import type { BookInfo, Fields } from "../../model/wire";
import { goingsOf, stateAfter, type Outcome } from "../../model/visits";
import { creation, edition, keep, newKey } from "../../parts/keep";
import { one } from "../../store/reads";
import { t } from "../../words";

/** The book that a place's records stand in: the place itself, or the one that its own record is in. */
export function bookOf(place: string, spots: ReadonlyMap<string, { book: string }>, books: readonly BookInfo[]): string | null {
  return spots.get(place)?.book ?? books.find((each) => each.book === place)?.book ?? null;
}

export interface Door {
  place: string;
  book: string;
  purpose: string;
  agreement: string | null;
  /** Who looks in: told to the visit, so that a carer's colleagues see that somebody was there. */
  carers: readonly string[];
  /** In whose words the household asked, where it had said no. */
  asked: string | null;
}

/** Somebody was at the door. `visit` goes on with one that waits; null makes one. Gives its id, or null where nothing was saved. */
export async function went(visit: string | null, door: Door, what: Outcome, takenBack: (id: string) => unknown): Promise<string | null> {
  const found = visit ? await one(db(), visit, me()) : null;
  const id = found?.view.id ?? newKey();
  const stands = found?.view.fields.status as { status: string; cycle: number } | undefined;
  const to = stateAfter(what, found ? goingsOf([found.view]) : []);
  const set: Fields = {
    status: { from: stands?.status ?? null, to, cycle: stands?.cycle ?? 1 },
    outcome: { [newKey()]: { what, by: me(), at: nowText() } },
    visited_by: me(),
    visited_at: nowText(),
  };
  if (door.asked) set.own_request = { how: door.asked, at: nowText() };
  const edit = found ? await edition(id, set) : creation("visit", id, door.book, { ...opening(door), ...set });
  return (await keep([edit], t(`phone.visit.did.${what}`), { takenBack: () => takenBack(id) })) ? id : null;
}

function opening({ place, purpose, agreement, carers }: Door): Fields {
  const set: Fields = { place_id: place, purpose };
  if (agreement) set.care_agreement_id = agreement;
  if (carers.length) set.assignees = Object.fromEntries(carers.map((carer) => [carer, { as: "carer" }]));
  return set;
}
