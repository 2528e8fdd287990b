/** What a stairway shows: its doors, what is to be done at each, and how it stands. Follows what happens to the book. */

import { computed, onScopeDispose, shallowRef, watch, type ComputedRef } from "vue";

import { db, me } from "../../app";
import { doorState, isOpen, isPaused, lacksPhoto, type DoorState } from "../../model/task";
import type { View } from "../../model/overlay";
import type { PlaceIndex } from "../../model/places";
import { useLive, usePlaces, useViews } from "../../parts/live";
import { some, watch as follow, type OneView } from "../../store/reads";
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
  houses: ComputedRef<House[] | null>;
}

export function campaignsUnderWay(): ComputedRef<View[] | null> {
  const all = useViews("campaign");
  return computed(() => all.value?.filter((each) => isOpen(each) || isPaused(each)).sort(byTurn) ?? null);
}

const byTurn = (a: View, b: View): number => Number(isPaused(a)) - Number(isPaused(b)) || String(a.fields.ends_at ?? "").localeCompare(String(b.fields.ends_at ?? ""));

function houseOf({ unit, book }: Stair, places: PlaceIndex): House {
  const here = places.spots.get(unit);
  const label = here?.label ?? "";
  const whole: Door = { id: unit, label, short: label, floor: 0, whole: true };
  const doors = places.below(unit).filter((spot) => spot.type === "household" && spot.book === book).map(({ id, label: name, record }): Door => (
    { id, label: name, short: name.split("-").at(-1)!, floor: Number(record.fields.floor ?? 0), whole: false }));
  return { unit, book, name: here?.name ?? label, doors: [whole, ...doors] };
}

interface Ids {
  task?: string;
  response?: string;
}

const keyOf = (campaign: string, door: string): string => `${campaign}:${door}`;

/** What is to be done at these doors, null while they are not known. */
export function useErrands(doors: () => readonly Door[] | null): Errands {
  const open = campaignsUnderWay();
  const found = shallowRef<Map<string, OneView> | null>(null);
  const sheets = useLive(() => begunSheets(db()));
  const lists = { task: useViews("task"), response: useViews("survey_response") };
  let stop: (() => void) | null = null;
  onScopeDispose(() => stop?.());

  /** The records about these doors, by campaign and door; null while they are not known. */
  const known = computed(() => {
    const standing = doors();
    if (!standing || !open.value || !lists.task.value || !lists.response.value) return null;
    const [here, asking] = [new Set(standing.map((door) => door.id)), new Set(open.value.map((each) => each.id))];
    const all = new Map<string, Ids>();
    for (const what of ["task", "response"] as const) {
      for (const each of lists[what].value!) {
        if (!here.has(String(each.fields.place_id)) || !asking.has(String(each.fields.campaign_id))) continue;
        all.set(doorKey(each), { ...all.get(doorKey(each)), [what]: each.id });
      }
    }
    return all;
  });
  watch(() => known.value && [...known.value.values()].flatMap((ids) => Object.values(ids) as string[]).join(" "), (ids) => {
    if (ids === null) return;
    stop?.();
    stop = null;
    if (!ids) return void (found.value = new Map()); // nobody asks for anything here
    stop = follow(() => some(db(), ids.split(" ").filter(Boolean), me()), (told) => (found.value = told));
  }, { immediate: true });

  function errand(campaign: string, id: string): Errand | null {
    const ids = known.value?.get(keyOf(campaign, id));
    const task = ids?.task ? found.value?.get(ids.task) : undefined;
    const door = doors()?.find((each) => each.id === id);
    const asked = open.value?.find((each) => each.id === campaign);
    if (!task || !door || !asked) return null;
    const response = ids?.response ? found.value?.get(ids.response) : undefined;
    const sheet = sheets.value?.get(task.view.id);
    return { door, campaign: asked, task, response, sheet, state: doorState(task.view, response?.view, sheet !== undefined), lacksPhoto: lacksPhoto(asked, task.view) };
  }

  const campaigns = computed(() => (open.value ?? []).filter(({ id }) => (doors() ?? []).some((door) => found.value?.has(known.value?.get(keyOf(id, door.id))?.task ?? ""))));
  const read = computed(() => known.value !== null && (found.value !== null || known.value.size === 0));
  return { campaigns, errand, read };
}

/** A door of a campaign, the same of its task and of what was answered there. */
export const doorKey = ({ fields }: Pick<View, "fields">): string => keyOf(String(fields.campaign_id), String(fields.place_id));

/** What was answered at each door, where somebody may read it. */
export function useAnswers(): ComputedRef<ReadonlyMap<string, View>> {
  const answers = useViews("survey_response");
  return computed(() => new Map((answers.value ?? []).map((each) => [doorKey(each), each])));
}

export function useWalls(stairs: () => Stair[]): Walls {
  const places = usePlaces();
  // Out of the tree in which all doors lie already; null until there is one.
  const houses = computed(() => (places.value.spots.size > 0 ? stairs().map((stair) => houseOf(stair, places.value)) : null));
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
