/** Half an answer, somebody else's, or that of another call must not move a cursor, end a wait or settle an entry. */

import type { BookPage, Receipt, SyncCall, SyncReply } from "../model/wire";

export function isAnswer(call: SyncCall, body: unknown): body is SyncReply {
  if (!isReply(body)) return false;
  if (body.reoffer === true) return true;
  return body.receipts.every((receipt) => answers(call, receipt)) && everyChangeAnswered(call, body);
}

function isReply(body: unknown): body is SyncReply {
  if (!isObject(body)) return false;
  const reply = body as Partial<SyncReply>;
  if (typeof reply.epoch !== "string" || typeof reply.server_time !== "string") return false;
  if (reply.reoffer === true) return true;
  if (![reply.receipts, reply.books, reply.dropped, reply.busy].every(Array.isArray)) return false;
  return reply.receipts!.every(isReceipt) && reply.books!.every(isPage);
}

function isReceipt(value: unknown): value is Receipt {
  return isObject(value) && typeof (value as Partial<Receipt>).outcome === "string";
}

function isPage(value: unknown): value is BookPage {
  if (!isObject(value)) return false;
  const { book, cursor, head, records, erased, forget } = value as Partial<BookPage>;
  if (typeof book !== "string" || typeof head !== "number" || ![records, erased, forget].every(Array.isArray)) return false;
  return Array.isArray(cursor) && typeof cursor[0] === "number" && records!.every((record) => isObject(record) && typeof record.id === "string");
}

function answers(call: SyncCall, { index, id }: Receipt): boolean {
  const change = call.changes[index];
  return change !== undefined && (id === null || id === change.id);
}

/** X4: every change gets its receipt, except where its book was busy. */
function everyChangeAnswered(call: SyncCall, { receipts, busy }: SyncReply): boolean {
  const answered = new Set(receipts.map((receipt) => receipt.index));
  return call.changes.every((change, index) => answered.has(index) || busy.includes(change.book));
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}
