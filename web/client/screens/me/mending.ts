/** A refused report is written again: its words and pictures go back into the fault notebook. */

import { db } from "../../app";
import { nextId } from "../../model/ids";
import type { Fields } from "../../model/wire";
import type { Entry } from "../../store/reads";
import { mend } from "../../store/refused";
import type { Draft, Picture } from "../../store/rows";

export function mendable({ change }: Entry): boolean {
  return change.create === true && change.type === "case";
}

export async function startMending({ change }: Entry): Promise<string | null> {
  const set = change.set ?? {};
  const photos = (set.photos ?? {}) as { [sha: string]: Omit<Picture, "sha256"> };
  const now = Date.now();
  const draft: Draft = {
    id: nextId(null, now), kind: "report", record: nextId(null, now), base: null, book: change.book,
    category: (set.category as string | undefined) ?? null, severity: String(set.severity ?? "normal"),
    note: String((set.description as Fields | undefined)?.text ?? ""), place_id: (set.place_id as string | undefined) ?? null,
    place_guess: String(set.place_guess ?? change.book), place_note: String(set.place_note ?? ""), gps: set.gps ?? null,
    until: null, changed_at: now, pictures: Object.entries(photos).map(([sha256, photo]) => picture(sha256, photo)),
  };
  await mend(db(), change.id, draft);
  return draft.id;
}

function picture(sha256: string, photo: Omit<Picture, "sha256">): Picture {
  const { preview, type, bytes, width, height, taken_at } = photo;
  return { sha256, preview, type, bytes, width, height, taken_at };
}
