/** Values of the phone's book that follow what happens to it. */

import { effectScope, onScopeDispose, shallowRef, watch as follow, type ShallowRef } from "vue";

import { books, db, me } from "../app";
import { PlaceIndex } from "../model/places";
import type { View } from "../model/overlay";
import type { Database } from "../store/database";
import { views, watch } from "../store/reads";
import { breath } from "./drawn";

/** What `query` finds, again whenever the book changes; null until it was first read. */
export function useLive<T>(query: () => Promise<T>): ShallowRef<T | null> {
  const value = shallowRef<T | null>(null);
  onScopeDispose(watch(query, (found) => (value.value = found)));
  return value;
}

export function useCases(): ShallowRef<View[] | null> {
  return useLive(() => views(db(), "case", me()));
}

const PLACE_TYPES = ["building", "unit", "household"];
const placeRecords = shallowRef<View[][] | null>(null);
let following: Database | null = null;
let unfollow = (): void => undefined;
const placeIndex = shallowRef(new PlaceIndex([], []));
const SLICE = 500;
let turn = 0;
let began = false;

/** In slices, so that ten thousand doors hold nobody up; few are there at once. The tree before it stands until this one is whole. */
async function build(records: readonly View[]): Promise<void> {
  turn += 1;
  const mine = turn;
  const made = new PlaceIndex(books(), []);
  for (let at = 0; at < records.length; at += SLICE) {
    if (at > 0) await breath();
    if (mine !== turn) return; // there is something newer
    made.add(records.slice(at, at + SLICE));
  }
  placeIndex.value = made;
}

function keepBuilding(): void {
  if (began) return;
  began = true;
  effectScope(true).run(() => follow([placeRecords, books], ([records]) => void build((records ?? []).flat()), { immediate: true, flush: "sync" }));
}

/** The places of all books, by id: one index for all screens, made anew only when a place or a book has changed. */
export function usePlaces(): Readonly<ShallowRef<PlaceIndex>> {
  keepBuilding();
  if (following !== db()) {
    unfollow();
    following = db();
    placeRecords.value = null;
    unfollow = watch(() => Promise.all(PLACE_TYPES.map((type) => views(following!, type, me()))), (found) => {
      const before = placeRecords.value;
      if (!before || found.some((each, at) => each !== before[at])) placeRecords.value = found;
    });
  }
  return placeIndex;
}
