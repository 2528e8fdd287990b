import { expect, test } from "vitest";

import { freshDatabase, ME, report, steadyClock } from "../testing/fakes";
import { watch } from "./reads";
import { save } from "./save";

test("who lets something else come first is told all the same, and hears of what changes later", async () => {
  const db = freshDatabase();
  const clock = steadyClock();
  let waited = 0;
  let next: (n: number) => void = () => undefined;
  const told = (): Promise<number> => new Promise((done) => (next = done));
  const first = async (): Promise<void> => {
    await Promise.resolve();
    waited += 1;
  };
  const began = told();
  const stop = watch(() => db.outbox.count(), (n) => next(n), first);
  expect(await began).toBe(0);
  const heard = told();
  await save(db, ME, report("new"), clock);
  expect(await heard).toBe(1);
  expect(waited).toBeGreaterThan(1);
  stop();
});
