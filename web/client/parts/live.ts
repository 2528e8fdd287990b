/** Values of the phone's book that follow what happens to it. */

import { computed, effectScope, onScopeDispose, shallowRef, watch as follow, type ShallowRef } from "vue";

import { app, books, db, me } from "../app";
import { PlaceIndex } from "../model/places";
import type { View } from "../model/overlay";
import { KeptLists } from "../store/kept";
import { watch } from "../store/reads";
import { breath } from "./drawn";

/** What `query` finds, again whenever the book changes; null until it was first read. */
export function useLive<T>(query: () => Promise<T>): ShallowRef<T | null> {
  const value = shallowRef<T | null>(null);
  onScopeDispose(watch(query, (found) => (value.value = found)));
  return value;
}

const lists = new Map<string, ShallowRef<View[] | null>>();
let kept: KeptLists | null = null;

/** All records of one type that are on this phone, null until they were first read. All screens share one list, and find it again. */
export function useViews(type: string): ShallowRef<View[] | null> {
  if (!app.account) return shallowRef(null);
  if (kept?.db !== db()) {
    kept?.stop();
    kept = new KeptLists(db(), me());
    lists.clear();
  }
  const known = lists.get(type);
  if (known) return known;
  const list = shallowRef<View[] | null>(null);
  lists.set(type, list);
  kept.follow(type, (found) => (list.value = found));
  return list;
}

export const useCases = (): ShallowRef<View[] | null> => useViews("case");

const PLACE_TYPES = ["building", "unit", "household"];
const placeLists = shallowRef<ShallowRef<View[] | null>[]>([]);
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
  const records = computed(() => placeLists.value.map((list) => list.value));
  effectScope(true).run(() => follow([records, books], ([found]) => void build(found.flatMap((each) => each ?? [])), { immediate: true }));
}

/** The places of all books, by id: one index for all screens, made anew only when a place or a book has changed. */
export function usePlaces(): Readonly<ShallowRef<PlaceIndex>> {
  const mine = PLACE_TYPES.map(useViews);
  if (mine.some((list, at) => list !== placeLists.value[at])) placeLists.value = mine;
  keepBuilding();
  return placeIndex;
}
