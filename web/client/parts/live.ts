/** Values of the phone's book that follow what happens to it. */

import { onScopeDispose, shallowRef, watchEffect, type ShallowRef } from "vue";

import { app, books, db, me } from "../app";
import { PlaceIndex } from "../model/places";
import type { View } from "../model/overlay";
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

/** The places of all books, by id. */
export function usePlaces(): ShallowRef<PlaceIndex> {
  const index = shallowRef(new PlaceIndex(books(), []));
  const records = useLive(async () => {
    const each = await Promise.all(["building", "unit", "household"].map((type) => views(db(), type, me())));
    return each.flat();
  });
  watchEffect(() => {
    if (app.account) index.value = new PlaceIndex(books(), records.value ?? []);
  });
  return index;
}
