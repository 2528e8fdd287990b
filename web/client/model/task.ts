/** A door of a campaign as the phone understands it: how it stands, and what one tap on it means. Pure. */

import { derived } from "./derived";
import { stepsFrom } from "./declared";
import type { View } from "./overlay";
import { undecidedOf } from "./undecided";
import type { BookRecord, Fields } from "./wire";

export type TaskState = "todo" | "not_home" | "done" | "declined" | "not_applicable";
/** What a tile shows: the state, or that people wrote two things of it, or that its answers are half written. */
export type DoorState = TaskState | "undecided" | "begun";

export const taskId = (campaign: string, place: string): Promise<string> => derived("task", campaign, place);
export const responseId = (campaign: string, place: string): Promise<string> => derived("survey_response", campaign, place);

export interface Stand {
  status: TaskState;
  cycle: number;
}

export function standOf(task: Pick<BookRecord, "fields">): Stand {
  const value = task.fields.status as { status?: TaskState; cycle?: number } | undefined;
  return { status: value?.status ?? "todo", cycle: value?.cycle ?? 1 };
}

export function doorState(task: View, response: View | undefined, begun: boolean): DoorState {
  const open = [...undecidedOf(task), ...(response ? undecidedOf(response) : [])];
  if (open.some((each) => !each.decided)) return "undecided";
  const { status } = standOf(task);
  return begun && !isSettled(status) ? "begun" : status;
}

/** Nobody has to go there again. */
export function isSettled(state: DoorState): boolean {
  return state === "done" || state === "declined" || state === "not_applicable";
}

const stateOf = (campaign: Pick<BookRecord, "fields">): string | undefined => (campaign.fields.status as { status?: string } | undefined)?.status;

export const isOpen = (campaign: Pick<BookRecord, "fields">): boolean => stateOf(campaign) === "open";

/** Nobody goes for now; what was done stands, and is to be seen. */
export const isPaused = (campaign: Pick<BookRecord, "fields">): boolean => stateOf(campaign) === "paused";

/** May somebody with these roles tick this door? Whoever it is given to may, and whoever has the stairway; while it is paused, nobody. */
export function mayTick(campaign: Pick<BookRecord, "fields">, task: View, account: string, roles: readonly string[]): boolean {
  if (task.fields.closed_at || !isOpen(campaign)) return false;
  const mine = new Set(roles);
  if (account in ((task.fields.assignees ?? {}) as Fields)) mine.add("assignee");
  return stepsFrom("task", standOf(task).status, mine).length > 0;
}

/** Why this campaign wants a picture of each door; null where it wants none. */
export function photoAsked(campaign: Pick<BookRecord, "fields">): string | null {
  return campaign.fields.photo_required === true ? String(campaign.fields.photo_reason ?? "") : null;
}

/** It is done, and the picture may still come: nobody is kept from saying 好了 for want of one. */
export function lacksPhoto(campaign: Pick<BookRecord, "fields">, task: Pick<BookRecord, "fields">): boolean {
  const pictures = Object.values((task.fields.photos ?? {}) as Fields).filter(Boolean);
  return photoAsked(campaign) !== null && standOf(task).status === "done" && pictures.length === 0;
}

export interface Act {
  account: string;
  /** When it was, by the corrected clock. */
  at: string;
  /** A fresh id for this going there. */
  id: string;
  /** Of a sheet of ticks: the same for all of them. */
  batch?: string | undefined;
}

/** 好了 / 没人在 / 不愿意: everything that it means, as one edit. Null where the door stands so already. */
export function outcomeOf(task: View, to: TaskState, { account, at, id, batch }: Act): Fields | null {
  const { status, cycle } = standOf(task);
  if (isSettled(status) || (to === status && to !== "not_home")) return null;
  const set: Fields = { tries: { [id]: { outcome: to, at } } };
  // A second time before a closed door is one more try, and no step.
  if (to !== status) set.status = { from: status, to, cycle };
  if (to === "done") Object.assign(set, { done_at: at, done_by: account });
  else set.also_by = { [account]: { at } };
  if (batch) set.batch = batch;
  return set;
}

/** 改一下: back to where nobody has been, with the reason. */
export function untick(task: View, reason: string): Fields {
  const { status, cycle } = standOf(task);
  return { status: { from: status, to: "todo", cycle: cycle + 1 }, untick_reason: { text: reason } };
}

export interface LastTry {
  outcome: string;
  at: string;
}

/** When somebody was last there, whoever it was, and how it went. */
export function lastTry(task: Pick<BookRecord, "fields">): LastTry | null {
  const tries = Object.values((task.fields.tries ?? {}) as { [id: string]: Partial<LastTry> | null });
  const told = tries.flatMap((each) => (each?.at ? [{ outcome: String(each.outcome ?? "done"), at: each.at }] : []));
  return told.sort((a, b) => (a.at < b.at ? 1 : -1))[0] ?? null;
}

/** 「32 户,还差 5 户」 */
export function countsOf(states: readonly DoorState[]): { all: number; left: number; undecided: number } {
  const undecided = states.filter((state) => state === "undecided").length;
  return { all: states.length, left: states.filter((state) => !isSettled(state) && state !== "undecided").length, undecided };
}
