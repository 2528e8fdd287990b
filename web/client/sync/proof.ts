/** After a sync: does the server hold every entry of this phone? (`POST /api/v1/proof`.) No answer, no claim. */

import { hashOf, missing, proofOf, type BookAnswer, type BookProof, type ProofEntry } from "../model/proof";
import { counts } from "../store/entries";
import { allProven, isAllSent, noteProof, provable, sendAgain } from "../store/proof";
import type { Phone } from "./round";
import { CallFailed } from "./transport";

/** "again": something was put back and should go out now. */
export type ProofEnd = "proven" | "again" | "missing" | "nothing";

export async function prove(phone: Phone): Promise<ProofEnd> {
  const { db, device } = phone;
  if (!(await isAllSent(db))) return "nothing";
  const mine = new Map<string, ProofEntry[]>();
  const books: { [book: string]: BookProof } = {};
  for (const [book, changes] of await provable(db, device)) {
    const entries = await Promise.all(changes.map(async (change): Promise<ProofEntry> => [change.id, await hashOf(change)]));
    mine.set(book, entries);
    books[book] = await proofOf(entries);
  }
  if (mine.size === 0) return "nothing";
  const answer = await ask(phone, { device, books });
  if (!answer) return "nothing";
  const lost = [...mine].flatMap(([book, entries]) => missing(entries, answer[book]));
  const { confirmed, held } = await counts(db);
  return conclude(phone, confirmed + held, lost);
}

async function ask(phone: Phone, body: object): Promise<{ [book: string]: BookAnswer } | null> {
  try {
    const said = (await phone.transport.json<{ books?: { [book: string]: BookAnswer } }>("POST", "/api/v1/proof", body)).body;
    return typeof said?.books === "object" ? said.books : null;
  } catch (error) {
    // A server that knows no proofs, or has no time: the receipts stand as they are.
    if (error instanceof CallFailed) return null;
    throw error;
  }
}

async function conclude(phone: Phone, count: number, lost: string[]): Promise<ProofEnd> {
  const { db } = phone;
  const epoch = (await db.get<string>("epoch")) ?? "";
  const again = await sendAgain(db, lost);
  await noteProof(db, { at: phone.now(), epoch, count, missing: lost, stuck: again < lost.length });
  if (lost.length > 0) return again > 0 ? "again" : "missing";
  await allProven(db);
  return "proven";
}
