/** What the screens of a round read: rounds, the houses and stairways, and when each was last looked at. */

import { onScopeDispose, shallowRef, watchEffect, type ComputedRef, type ShallowRef, computed } from "vue";

import { app, books, db, transport } from "../../app";
import type { Ladder } from "../../model/ladder";
import type { View } from "../../model/overlay";
import { PlaceIndex } from "../../model/places";
import { looksOf } from "../../model/round";
import { useLive, useViews } from "../../parts/live";
import { entries } from "../../store/entries";
import { CallFailed } from "../../sync/transport";

const KEY = "coverage";
const FRESH_MS = 5 * 60_000;

type Coverage = { [book: string]: { [place: string]: string } };
interface Kept {
  at: number;
  books: Coverage;
}

export const useRounds = (): ShallowRef<View[] | null> => useViews("round");

/** How far each report that was written here has come. */
export function useLadders(): ComputedRef<Map<string, Ladder>> {
  const own = useLive(() => entries(db()));
  return computed(() => new Map((own.value ?? []).filter((entry) => entry.change.create).map((entry) => [entry.change.record, entry.ladder])));
}

/** Houses and stairways only: doors are many, and nobody stops at one on a round. */
export function useSpots(): { places: ShallowRef<PlaceIndex>; ready: ComputedRef<boolean> } {
  const places = shallowRef(new PlaceIndex(books(), []));
  const [buildings, units] = [useViews("building"), useViews("unit")];
  watchEffect(() => {
    if (app.account) places.value = new PlaceIndex(books(), [...(buildings.value ?? []), ...(units.value ?? [])]);
  });
  return { places, ready: computed(() => buildings.value !== null && units.value !== null) };
}

/** place -> when it was last looked at, by whomever: what the server told last, and what stands on this phone. */
export function useLastLooks(rounds: ShallowRef<View[] | null>): ComputedRef<Map<string, number>> {
  const kept = shallowRef<Coverage>({});
  let left = false;
  onScopeDispose(() => (left = true));
  void renew((found) => !left && (kept.value = found));
  return computed(() => {
    const last = new Map<string, number>();
    const note = (place: string, at: number): void => void last.set(place, Math.max(at, last.get(place) ?? 0));
    for (const places of Object.values(kept.value)) for (const [place, at] of Object.entries(places)) note(place, Date.parse(at));
    for (const view of rounds.value ?? []) for (const look of looksOf(view)) note(look.place, look.at);
    return last;
  });
}

/** What was kept at once; anew where it is old and there is a line. */
async function renew(told: (found: Coverage) => void): Promise<void> {
  const kept = await db().get<Kept>(KEY);
  if (kept) told(kept.books);
  if (kept && Math.abs(Date.now() - kept.at) < FRESH_MS) return;
  try {
    const { books: found } = (await transport.json<{ books: Coverage }>("GET", "/api/v1/coverage")).body;
    if (typeof found !== "object" || found === null) return; // somebody in between
    await db().set(KEY, { at: Date.now(), books: found });
    told(found);
  } catch (error) {
    if (!(error instanceof CallFailed)) throw error;
  }
}
