/** What a stairway shows: its doors, what is to be done at each, and how it stands. Follows what happens to the book. */

import { computed, onScopeDispose, shallowRef, watch, type ComputedRef, type ShallowRef } from "vue";

import { db, me } from "../../app";
import { doorState, isOpen, isPaused, lacksPhoto, responseId, taskId, type DoorState } from "../../model/task";
import type { View } from "../../model/overlay";
import { useLive } from "../../parts/live";
import { doorsOf, one, some, views, watch as follow, type OneView } from "../../store/reads";
import { begunSheets, type Sheet } from "../../store/sheets";

export interface Stair {
  unit: string;
  book: string;
}

/** One door, or the stairway as a whole where a campaign asks for that. */
export interface Door {
  id: string;
  label: string;
  /** 「501」 */
  short: string;
  floor: number;
  whole: boolean;
}

export interface House extends Stair {
  name: string;
  doors: Door[];
}

/** What is to be done at one door. */
export interface Errand {
  door: Door;
  campaign: View;
  task: OneView;
  response: OneView | undefined;
  sheet: Sheet | undefined;
  state: DoorState;
  /** Done, but for the picture that is asked for. */
  lacksPhoto: boolean;
}

export interface Errands {
  /** Those that ask for something here, the one that ends first in front; behind them those that are paused. */
  campaigns: ComputedRef<View[]>;
  errand(campaign: string, door: string): Errand | null;
  /** False until everything was read once. */
  read: ComputedRef<boolean>;
}

export interface Walls extends Errands {
  houses: ShallowRef<House[] | null>;
}

export function campaignsUnderWay(): ShallowRef<View[] | null> {
  return useLive(async () => (await views(db(), "campaign", me())).filter((each) => isOpen(each) || isPaused(each)).sort(byTurn));
}

const byTurn = (a: View, b: View): number => Number(isPaused(a)) - Number(isPaused(b)) || String(a.fields.ends_at ?? "").localeCompare(String(b.fields.ends_at ?? ""));

async function houseOf({ unit, book }: Stair): Promise<House> {
  const here = (await one(db(), unit, me()))?.view;
  const label = String(here?.fields.label ?? "");
  const whole: Door = { id: unit, label, short: label, floor: 0, whole: true };
  const doors = (await doorsOf(db(), book, unit)).map(({ id, fields }): Door => (
    { id, label: String(fields.label ?? ""), short: String(fields.label ?? "").split("-").at(-1)!, floor: Number(fields.floor ?? 0), whole: false }));
  return { unit, book, name: String(here?.fields.name ?? label), doors: [whole, ...doors] };
}

interface Ids {
  task: string;
  response: string;
}

/** The ids follow from campaign and door: worked out once, and then only those records are read. */
const known = new Map<string, Ids>();
const keyOf = (campaign: string, door: string): string => `${campaign}:${door}`;

async function learn(campaign: string, door: string): Promise<void> {
  const key = keyOf(campaign, door);
  if (!known.has(key)) known.set(key, { task: await taskId(campaign, door), response: await responseId(campaign, door) });
}

/** What is to be done at these doors, null while they are not known. */
export function useErrands(doors: () => readonly Door[] | null): Errands {
  const open = campaignsUnderWay();
  const found = shallowRef<Map<string, OneView> | null>(null);
  const sheets = useLive(() => begunSheets(db()));
  let stop: (() => void) | null = null;
  let turn = 0;
  onScopeDispose(() => stop?.());

  watch([doors, open], async ([standing, asking]) => {
    if (!standing || !asking) return;
    turn += 1;
    const mine = turn;
    const pairs = asking.flatMap(({ id }) => standing.map((door) => [id, door.id] as const));
    await Promise.all(pairs.map(([campaign, door]) => learn(campaign, door)));
    if (mine !== turn) return; // the doors are others by now
    const ids = pairs.flatMap(([campaign, door]) => Object.values(known.get(keyOf(campaign, door))!) as string[]);
    stop?.();
    stop = follow(() => some(db(), ids, me()), (told) => (found.value = told));
  }, { immediate: true });

  function errand(campaign: string, id: string): Errand | null {
    const ids = known.get(keyOf(campaign, id));
    const task = ids && found.value?.get(ids.task);
    const door = doors()?.find((each) => each.id === id);
    const asked = open.value?.find((each) => each.id === campaign);
    if (!ids || !task || !door || !asked) return null;
    const response = found.value?.get(ids.response);
    const sheet = sheets.value?.get(task.view.id);
    return { door, campaign: asked, task, response, sheet, state: doorState(task.view, response?.view, sheet !== undefined), lacksPhoto: lacksPhoto(asked, task.view) };
  }

  const campaigns = computed(() => (open.value ?? []).filter(({ id }) => (doors() ?? []).some((door) => found.value?.has(known.get(keyOf(id, door.id))?.task ?? ""))));
  const read = computed(() => doors() !== null && open.value !== null && (found.value !== null || open.value.length === 0));
  return { campaigns, errand, read };
}

/** A door of a campaign, the same of its task and of what was answered there. */
export const doorKey = ({ fields }: Pick<View, "fields">): string => keyOf(String(fields.campaign_id), String(fields.place_id));

/** What was answered at each door, where somebody may read it. */
export function useAnswers(): ComputedRef<ReadonlyMap<string, View>> {
  const answers = useLive(() => views(db(), "survey_response", me()));
  return computed(() => new Map((answers.value ?? []).map((each) => [doorKey(each), each])));
}

export function useWalls(stairs: () => Stair[]): Walls {
  const houses = shallowRef<House[] | null>(null);
  let stop: (() => void) | null = null;
  onScopeDispose(() => stop?.());
  watch(() => JSON.stringify(stairs()), () => {
    stop?.();
    const wanted = stairs();
    stop = follow(() => Promise.all(wanted.map(houseOf)), (told) => (houses.value = told));
  }, { immediate: true });
  const doors = computed(() => houses.value?.flatMap((house) => house.doors) ?? null);
  return { houses, ...useErrands(() => doors.value) };
}

/** Worked on now, on every screen where several could be; still the same when the app is opened again. */
const chosen = shallowRef<string | null>(null);
const CHOSEN = "campaign";

export async function recallChoice(): Promise<void> {
  chosen.value = await db().get<string>(CHOSEN);
}

export async function choose(campaign: string): Promise<void> {
  chosen.value = campaign;
  await db().set(CHOSEN, campaign);
}

export function chosenOf(campaigns: readonly View[]): View | null {
  return campaigns.find((each) => each.id === chosen.value) ?? campaigns[0] ?? null;
}
