/** Pictures looked at in full: which one stands in the address (?look=), so that the phone's own way back closes it. */

import { shallowRef } from "vue";
import type { RouteLocationNormalizedLoaded, Router } from "vue-router";

import { transport } from "../app";

export interface Shown {
  sha256: string;
  preview: string;
  alt: string;
}

/** Those that one can go on to from the one that is open. Gone with the page; then only the one is shown. */
export const album = shallowRef<readonly Shown[]>([]);

export function look(router: Router, route: RouteLocationNormalizedLoaded, pictures: readonly Shown[], sha256: string): void {
  album.value = pictures;
  void router.push({ path: route.path, query: { ...route.query, look: sha256 } });
}

/** Where the server has a picture. */
export const photoUrl = (sha256: string, size: "preview" | "screen" | "full"): string => `/api/v1/photos/${sha256}?size=${size}`;

export type Absence = "coming" | "no line";

/** Why it is not to be seen: it has not arrived yet, or there is nobody to ask. */
export async function whyAbsent(url: string): Promise<Absence> {
  return (await transport.has(url)) === false ? "coming" : "no line";
}
