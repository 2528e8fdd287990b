/** How long to wait after the n-th failure in a row: doubling, with jitter, so that phones do not come back in step. */

const FIRST_MS = 2_000;
const MOST_MS = 5 * 60_000;

export function backoff(failures: number, random: () => number = Math.random): number {
  const ceiling = Math.min(MOST_MS, FIRST_MS * 2 ** Math.max(0, failures - 1));
  return Math.round(ceiling / 2 + (ceiling / 2) * random());
}
