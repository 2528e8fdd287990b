/** A picture for something small that is not saved yet (a line of the log, the card of a door): kept from the moment it is taken. */

import type { Database } from "./database";
import { keepBytes, type Shot } from "./drafts";
import type { Picture } from "./rows";

const PREFIX = "picture:";

export async function holdPicture(db: Database, what: string, shot: Shot): Promise<void> {
  await db.run(() =>
    db.transaction("rw", [db.meta, db.bytes], async () => {
      await keepBytes(db, shot);
      await db.set(PREFIX + what, shot.picture);
    }),
  );
}

export async function heldPicture(db: Database, what: string): Promise<Picture | null> {
  return db.get<Picture>(PREFIX + what);
}

/** It is part of an entry now, or was not wanted: its bytes stay for whoever else names them. */
export async function letGoPicture(db: Database, what: string): Promise<void> {
  await db.run(() => db.meta.delete(PREFIX + what));
}

export async function allHeld(db: Database): Promise<Picture[]> {
  return (await db.meta.where("key").startsWith(PREFIX).toArray()).map((row) => row.value as Picture);
}
