/** What was said about a record that takes voice notes: on disk, and an edit of its own, in one go. */

import { db, me } from "../app";
import { fieldOf } from "../model/declared";
import { voicesOf } from "../model/voice";
import type { Said } from "../store/drafts";
import { one } from "../store/reads";
import type { NewEdit } from "../store/save";
import { writeOwn } from "../store/unkept";
import { t } from "../words";
import { editOf, keep, keepQuietly } from "./keep";

/** Null where the record is not here, takes none, or has this one already. */
async function edited(record: string, { voice, data }: Said): Promise<NewEdit | null> {
  const found = await one(db(), record, me());
  if (!found || !fieldOf(found.view.type, "voice") || voicesOf(found.view).some((each) => each.taken_at === voice.taken_at)) return null;
  await db().run(() => db().transaction("rw", db().bytes, () => writeOwn(db(), { sha256: voice.sha256, type: voice.type, pulled_for: null, data })));
  const { sha256, ...about } = JSON.parse(JSON.stringify(voice)) as typeof voice;
  return editOf(found, { voice: { [sha256]: about } }, { voices: [voice] });
}

/** Said just now. False where it could not be kept: why is said. */
export const speak = async (record: string, said: Said): Promise<boolean> => (await keep([await edited(record, said)], t("phone.voice.kept"))) !== null;

/** Found at the start, after the phone had died while it was being said: false where it has to lie there on. */
export async function hadSaid(record: string, said: Said): Promise<boolean> {
  const edit = await edited(record, said);
  return edit === null || (await keepQuietly([edit])) !== null;
}
