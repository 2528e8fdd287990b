/** 改一改: what was refused is written again, in the form that it came from, and goes out as one new change. */

import { db, me } from "../../app";
import { nextId } from "../../model/ids";
import { filled, formOf, together, type Filled } from "../../model/mend";
import type { Change, Fields } from "../../model/wire";
import { taskId } from "../../model/task";
import { pageOf } from "../../parts/pages";
import { one } from "../../store/reads";
import { mend, mendSheet, unmended } from "../../store/refused";
import type { Draft, Picture, Voice } from "../../store/rows";
import { baseOf } from "../write/notebook";

/** The address where it can be mended: its form, or its case, where the one tap can be done again; null if neither. */
export async function startMending(change: Change, why: string): Promise<string | null> {
  if (change.type === "survey_response") return mendAnswers(change, why);
  const form = filled(together(change, await unmended(db(), change.record)), Date.now());
  const base = form && form.kind !== "report" ? await baseOf(form.record) : null;
  if (!form || (form.kind !== "report" && !base)) return (await one(db(), change.record, me())) ? pageOf(change.type, change.record) : null;
  const draft = { ...draftOf(form, base), why };
  await mend(db(), draft);
  return `/write/${draft.id}`;
}

/** Has it a form of its own, or was it one tap that only its case page can repeat? */
export const hasForm = (change: Change): boolean => formOf(change) !== null || change.type === "survey_response";

/** Answers go back to the questions, to be read over; the door's page where it is not known what they answered. */
async function mendAnswers(change: Change, why: string): Promise<string | null> {
  const set = { ...(await one(db(), change.record, me()))?.view.fields, ...change.set };
  if (typeof set.campaign_id !== "string" || typeof set.place_id !== "string") return null;
  const task = await taskId(set.campaign_id, set.place_id);
  if (!(await one(db(), task, me()))) return null;
  const answers = Object.fromEntries(Object.entries((set.answers ?? {}) as Fields).filter(([, said]) => typeof said === "string"));
  await mendSheet(db(), { id: change.record, task, answers, at: null, changed_at: Date.now(), mends: [change.id], why });
  return `/survey/${task}`;
}

function draftOf({ photos, voice, ...form }: Filled, base: Draft["base"]): Draft {
  const now = Date.now();
  const pictures = Object.entries(photos).map(([sha256, photo]) => picture(sha256, photo));
  const voices = Object.entries(voice).map(([sha256, said]) => ({ ...said, sha256 }) as unknown as Voice);
  return { ...form, id: nextId(null, now), base, pictures, voices, changed_at: now };
}

function picture(sha256: string, photo: Fields): Picture {
  const { preview, type, bytes, width, height, taken_at } = photo as unknown as Omit<Picture, "sha256">;
  return { sha256, preview, type, bytes, width, height, taken_at };
}
