/** Who is signed in, as the server says it; anything else is somebody in between, and no answer. */

import type { Session } from "../model/wire";
import type { Phone } from "./round";
import { CallFailed, type Transport } from "./transport";

/** The language that was chosen on 我 and that the server has not heard of yet. */
const OWED = "language_owed";

export const oweLanguage = (db: Phone["db"], language: string): Promise<void> => db.run(() => db.set(OWED, language));

/** After a round of the sync: the server speaks that language, too, in nudges and the calendar. Null where there is nothing new. */
export async function tellLanguage({ db, transport }: Pick<Phone, "db" | "transport">): Promise<Session | null> {
  const language = await db.get<string>(OWED);
  if (!language) return null;
  let session: Session | null = null;
  try {
    session = await askSession(transport, "PATCH", { language });
  } catch (error) {
    if (!(error instanceof CallFailed)) throw error;
    const no = error.failure.kind === "problem" && [404, 405, 422].includes(error.failure.status); // a server that has no such words
    if (!no) return null; // another time
  }
  if ((await db.get<string>(OWED)) === language) await db.set(OWED, "");
  return session;
}

export async function askSession(transport: Transport, method: "POST" | "GET" | "PATCH", body?: unknown): Promise<Session> {
  const session: unknown = (await transport.json<unknown>(method, "/api/v1/session", body)).body;
  if (!isSession(session)) throw new CallFailed({ kind: "offline" });
  return session;
}

/** It is kept, and the whole app stands on it. */
function isSession(body: unknown): body is Session {
  const { account, device, books } = (body ?? {}) as Partial<Session>;
  return typeof account?.id === "string" && Array.isArray(account.roles) && typeof device === "string" && Array.isArray(books);
}
