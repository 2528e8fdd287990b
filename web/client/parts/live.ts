/** Values of the phone's book that follow what happens to it. */

import { computed, effectScope, onScopeDispose, shallowRef, type ComputedRef, type ShallowRef } from "vue";

import { books, db, me } from "../app";
import { PlaceIndex } from "../model/places";
import type { View } from "../model/overlay";
import type { Database } from "../store/database";
import { views, watch } from "../store/reads";

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
const placeIndex = effectScope(true).run(() => computed(() => new PlaceIndex(books(), (placeRecords.value ?? []).flat())))!;

/** The places of all books, by id: one index for all screens, made anew only when a place or a book has changed. */
export function usePlaces(): ComputedRef<PlaceIndex> {
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
