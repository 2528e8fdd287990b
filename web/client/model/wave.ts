/** A sound as it is drawn: at most 60 bars of 0 to 31. Pure. */

const BARS = 60;
const LOUDEST = 31;
const QUIETEST_DB = -50;

/** How loud a moment is: samples around 128, as an ear gives them. */
export function levelOf(samples: Uint8Array): number {
  const power = samples.reduce((sum, each) => sum + ((each - 128) / 128) ** 2, 0) / samples.length;
  const db = power > 0 ? 10 * Math.log10(power) : QUIETEST_DB;
  return Math.min(LOUDEST, Math.max(0, Math.round(((db - QUIETEST_DB) / -QUIETEST_DB) * LOUDEST)));
}

/** The loudest of each stretch: a minute has six hundred moments. */
export function waveOf(levels: readonly number[]): number[] {
  const bars = Math.min(BARS, levels.length);
  return Array.from({ length: bars }, (_, bar) => {
    const from = Math.floor((bar * levels.length) / bars);
    return Math.max(...levels.slice(from, Math.max(from + 1, Math.floor(((bar + 1) * levels.length) / bars))));
  });
}

/** 0:07 */
export function clock(ms: number): string {
  const seconds = Math.round(ms / 1000);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}
