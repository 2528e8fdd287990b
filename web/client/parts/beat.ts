/** What depends on the time of day is worked out anew when this beats: a home that is kept would else show yesterday. */

import { ref } from "vue";

const MINUTE_MS = 60_000;
const minute = (): number => Math.floor(Date.now() / MINUTE_MS);
const beat = ref(minute());

/** The phone's own time; whatever is worked out with it follows the beat. */
export function phoneTime(): number {
  void beat.value;
  return Date.now();
}

/** Somebody looks at it again. */
export function goOn(): void {
  beat.value = minute();
}
