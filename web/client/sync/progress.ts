/** How the transfer under way is doing, for whoever wants to watch. Nothing here is kept: the database knows the rest. */

import { shallowReactive } from "vue";

import type { Cursor, SyncReply } from "../model/wire";

export const progress = shallowReactive({
  /** Of the one that is moving now; null while nothing moves. */
  sha256: null as string | null,
  sent: 0,
  size: 0,
  /** Bytes that have arrived since everything was last there: the part of the bar that is full. */
  arrived: 0,
});

/** Of a long pull (the first of a phone, or after a long absence): how far the books have been read, in changes. `total` 0: none is under way. */
export const pulling = shallowReactive({ done: 0, total: 0 });

/** Less than this is there before anybody has read the words about it. */
const WORTH_TELLING = 300;

/** Follows the replies of one round. */
export class PullWatch {
  private readonly begun = new Map<string, number>();
  private readonly reached = new Map<string, number>();
  private readonly heads = new Map<string, number>();

  heard(cursors: { [book: string]: Cursor }, reply: Pick<SyncReply, "books" | "more">): void {
    for (const { book, cursor, head, restart } of reply.books) {
      if (!this.begun.has(book)) this.begun.set(book, restart ? 0 : (cursors[book]?.[0] ?? 0));
      this.reached.set(book, cursor[0]);
      this.heads.set(book, head);
    }
    const [begun, reached, heads] = [this.begun, this.reached, this.heads].map((each) => [...each.values()].reduce((a, b) => a + b, 0)) as [number, number, number];
    const worth = reply.more && heads - begun >= WORTH_TELLING;
    Object.assign(pulling, worth ? { done: reached - begun, total: heads - begun } : { done: 0, total: 0 });
  }

  /** Done, or broken off: what has arrived stays, and the next round goes on from there. */
  over(): void {
    Object.assign(pulling, { done: 0, total: 0 });
  }
}
