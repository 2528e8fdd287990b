/** Asked for by a tap on a report, and only then: the phone knows no other reason to ask where somebody is. */

import type { Json } from "../../model/wire";

const WAIT_MS = 15_000;

export function whereAmI(): Promise<Json> {
  return new Promise((resolve) => {
    if (!navigator.geolocation) return resolve(null);
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => resolve({
        lat: round(coords.latitude), lon: round(coords.longitude), accuracy: Math.round(coords.accuracy), source: "gps",
      }),
      () => resolve(null),
      { enableHighAccuracy: true, timeout: WAIT_MS, maximumAge: 60_000 },
    );
  });
}

const round = (degrees: number): number => Math.round(degrees * 1e6) / 1e6;
