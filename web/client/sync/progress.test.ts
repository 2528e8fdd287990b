import { afterEach, expect, test } from "vitest";

import type { BookPage } from "../model/wire";
import { pulling, PullWatch } from "./progress";

const watch = new PullWatch();
afterEach(() => watch.over());

const page = (book: string, reached: number, head: number): BookPage => (
  { book, cursor: [reached, "c", "s"], head, restart: false, erased: [], forget: [], records: [] });

test("a long pull says what is here and what is left, over all its books", () => {
  const first = new PullWatch();
  first.heard({}, { books: [page("a", 1000, 4000), page("b", 0, 6000)], more: true });
  expect({ ...pulling }).toEqual({ done: 1000, total: 10_000 });
  first.heard({}, { books: [page("a", 4000, 4000), page("b", 500, 6000)], more: true });
  expect({ ...pulling }).toEqual({ done: 4500, total: 10_000 });
  first.heard({}, { books: [page("b", 6000, 6000)], more: false });
  expect({ ...pulling }).toEqual({ done: 0, total: 0 });
});

test("after an interruption it goes on from where it was, and what is little is not spoken of", () => {
  const next = new PullWatch();
  next.heard({ a: [3000, "c", "s"] }, { books: [page("a", 3500, 4000)], more: true });
  expect({ ...pulling }).toEqual({ done: 500, total: 1000 });
  next.over();
  expect(pulling.total).toBe(0);
  new PullWatch().heard({ a: [3900, "c", "s"] }, { books: [page("a", 3950, 4000)], more: true });
  expect(pulling.total).toBe(0);
});
