/** A round as the phone understands it: what is looked at, what was found, what is left. Pure. */

import lists from "./checklists.gen.json";
import { standpoint } from "./case";
import type { Labels } from "./declared";
import type { View } from "./overlay";
import type { PlaceIndex, Spot } from "./places";
import type { RoundFields } from "./types.gen";
import type { Fields } from "./wire";

export interface Item {
  value: string;
  labels: Labels;
  /** Of a case about it. */
  category: string;
}

export interface Kind {
  value: string;
  labels: Labels;
  items: Item[];
}

export const KINDS: readonly Kind[] = lists.kinds;
/** After so long without a look, the phone asks whether it was forgotten. */
export const IDLE_MS = 4 * 3_600_000;
/** The same person at the same place within this time has looked once. */
export const ONE_LOOK_MS = 10 * 60_000;

export function kindOf(view: Pick<View, "fields">): Kind {
  return KINDS.find((each) => each.value === roundOf(view).kind) ?? KINDS[0]!;
}

export function roundOf(view: Pick<View, "fields">): RoundFields {
  return view.fields as unknown as RoundFields;
}

const among = (view: Pick<View, "fields">, account: string): boolean => account in (roundOf(view).members ?? {});

/** It is under way, and this account walks it: who is only named there (the colleague it was joined to) walks their own. */
export function isMine(view: Pick<View, "fields">, account: string): boolean {
  return standpoint(view).status === "active" && Boolean(roundOf(view).members?.[account]?.at);
}

/** It is planned, for this account or for whoever comes. */
export function isPlannedFor(view: Pick<View, "fields">, account: string): boolean {
  const open = Object.keys(roundOf(view).members ?? {}).length === 0;
  return standpoint(view).status === "planned" && (open || among(view, account));
}

export interface Look {
  id: string;
  place: string;
  at: number;
}

/** Oldest first. */
export function looksOf(view: Pick<View, "fields">): Look[] {
  const stops = Object.entries((roundOf(view).stops ?? {}) as { [id: string]: { place?: string; at?: string } | null });
  const found = stops.map(([id, stop]) => ({ id, place: String(stop?.place), at: Date.parse(String(stop?.at)) }));
  return found.filter((look) => !Number.isNaN(look.at)).sort((a, b) => a.at - b.at);
}

/** When something was last done on it. */
export function lastMoment(view: Pick<View, "fields">): number {
  return looksOf(view).at(-1)?.at ?? startOf(view);
}

export const startOf = (view: Pick<View, "fields">): number => Date.parse(roundOf(view).started_at ?? "") || Date.now();

/** Colleagues who joined this round, as far as this phone has heard of them. */
export function companions(view: View, all: readonly View[], code: string | null): View[] {
  return code === null ? [] : all.filter((each) => each.id !== view.id && roundOf(each).with_code === code);
}

export const checkKey = (place: string, item: string): string => `${place}:${item}`;

export type Check = "unseen" | "fine" | "bad";
const RANK: readonly Check[] = ["unseen", "fine", "bad"];

/** What stands over several rounds walked together: something wrong wins. */
export function checkOf(views: readonly View[], place: string, item: string): Check {
  const found = views.map((view) => roundOf(view).checks?.[checkKey(place, item)] ?? "unseen");
  return found.reduce((a, b) => (RANK.indexOf(b) > RANK.indexOf(a) ? b : a), "unseen");
}

/** todo: nobody was there; looked: was there; fine, bad: what was said of it. */
export type Found = "todo" | "looked" | "fine" | "bad";

export function foundAt(views: readonly View[], place: string): Found {
  const said = views.flatMap((view) => kindOf(view).items.map((item) => checkOf([view], place, item.value)));
  if (said.includes("bad")) return "bad";
  if (said.includes("fine")) return "fine";
  return views.some((view) => looksOf(view).some((look) => look.place === place)) ? "looked" : "todo";
}

export interface Tile {
  place: string;
  name: string;
  found: Found;
}

/** The places of a round, those of its plan or else those of its kind, and whatever else was looked at. */
export function tilesOf(view: View, others: readonly View[], places: PlaceIndex): Tile[] {
  const together = [view, ...others];
  const base = stopsOf(view, places);
  const more = together.flatMap(looksOf).map((look) => look.place).filter((place) => !base.includes(place));
  const ids = [...base, ...new Set(more)];
  const names = shortened(ids.map((id) => places.name(id) ?? ""));
  return ids.map((place, index) => ({ place, name: names[index]!, found: foundAt(together, place) }));
}

function stopsOf(view: View, places: PlaceIndex): string[] {
  const wanted = Object.entries((roundOf(view).wanted ?? {}) as { [place: string]: { order?: number } | null });
  const asked = wanted.filter(([, each]) => each).sort(([, a], [, b]) => (a!.order ?? 0) - (b!.order ?? 0)).map(([id]) => id);
  if (asked.length > 0) return asked;
  const spots = inside(view, places);
  const buildings = spots.filter((spot) => spot.type === "building");
  const units = buildings.length > 0 ? buildings.flatMap((each) => places.below(each.id)) : spots;
  const fitting = roundOf(view).kind === "fire" ? units.filter((spot) => spot.type === "unit") : buildings;
  const chosen = fitting.length > 0 ? fitting : spots;
  return chosen.length > 0 ? chosen.map((spot) => spot.id) : [String(roundOf(view).place_id ?? view.book)];
}

/** Of a grid its houses; of a house or a stairway itself. */
function inside(view: View, places: PlaceIndex): Spot[] {
  const place = String(roundOf(view).place_id ?? view.book);
  const itself = places.spots.get(place);
  return itself ? [itself] : places.top(view.book);
}

/** 「柳湾里3号楼」 among its neighbours is 「3号楼」: what all begin with goes, but no part of a number. */
export function shortened(names: readonly string[]): string[] {
  const [first = "", ...others] = names;
  if (others.length === 0) return [...names];
  let length = 0;
  while (length < first.length && others.every((name) => name[length] === first[length])) length += 1;
  while (length > 0 && (/[0-9]/.test(first[length - 1]!) || names.some((name) => name.length <= length))) length -= 1;
  return names.map((name) => name.slice(length));
}

/** 没走完: something that the plan asked for was not looked at. */
export function isShort(view: View, tiles: readonly Tile[]): boolean {
  const wanted = (roundOf(view).wanted ?? {}) as Fields;
  return tiles.some((tile) => tile.place in wanted && tile.found === "todo");
}
