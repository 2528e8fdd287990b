/** How the transfer under way is doing, for whoever wants to watch. Nothing here is kept: the database knows the rest. */

import { shallowReactive } from "vue";

export const progress = shallowReactive({
  /** Of the one that is moving now; null while nothing moves. */
  sha256: null as string | null,
  sent: 0,
  size: 0,
  /** Bytes that have arrived since everything was last there: the part of the bar that is full. */
  arrived: 0,
});
