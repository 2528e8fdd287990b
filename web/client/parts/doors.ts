/** What the doors are called that own ticks and answers are about: a change names its record, and the record its door. */

import { shallowRef } from "vue";

import { db, me } from "../app";
import type { Change } from "../model/wire";
import { entries } from "../store/entries";
import { some } from "../store/reads";
import { useLive } from "./live";

const TYPES = new Set(["task", "survey_response"]);

interface About {
  /** 「3-2-501」 */
  door: string;
  /** Of the campaign: notify, checklist or survey. */
  kind: string;
}

const known = shallowRef(new Map<string, About>());

export const aboutDoor = (change: Change): About | null => known.value.get(change.record) ?? null;

/** For a screen that lists own changes. */
export function useDoorNames(): void {
  useLive(async () => {
    const ids = (await entries(db())).filter(({ change }) => TYPES.has(change.type)).map(({ change }) => change.record);
    const records = await some(db(), [...new Set(ids)], me());
    const wanted = [...records.values()].flatMap(({ view }) => [view.fields.place_id, view.fields.campaign_id]).filter((each): each is string => typeof each === "string");
    const there = await some(db(), [...new Set(wanted)], me());
    const of = (id: unknown, field: string): string => String(there.get(String(id))?.view.fields[field] ?? "");
    known.value = new Map([...records].map(([id, { view }]) => [id, { door: of(view.fields.place_id, "label"), kind: of(view.fields.campaign_id, "kind") }]));
  });
}
