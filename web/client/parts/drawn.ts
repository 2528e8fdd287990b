/** When the page has time: after what was just said stands on the screen, and after whatever a person waits for. */

/** The next picture has been drawn; at once where nobody looks. */
export function drawn(): Promise<void> {
  if (document.visibilityState === "hidden") return Promise.resolve();
  return new Promise((done) => {
    requestAnimationFrame(() => setTimeout(done));
    setTimeout(done, LONG_MS); // the phone was put away in this very moment: there will be no next picture
  });
}

const LONG_MS = 300;

/** One after the other, each when there is nothing else to do. */
export function whenIdle(...work: (() => unknown)[]): void {
  const [first, ...rest] = work;
  if (!first) return;
  const soon = (act: () => void): unknown => ("requestIdleCallback" in window ? requestIdleCallback(act, { timeout: LAZY_MS }) : setTimeout(act, LONG_MS));
  soon(() => void Promise.resolve(first()).catch(() => undefined).then(() => whenIdle(...rest)));
}

const LAZY_MS = 5000;

/** Between two slices of long work: whatever the person does comes first. */
export function breath(): Promise<void> {
  const { scheduler } = globalThis as { scheduler?: { yield?: () => Promise<void> } };
  return scheduler?.yield ? scheduler.yield() : new Promise((done) => setTimeout(done));
}
