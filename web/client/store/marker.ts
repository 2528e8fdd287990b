/**
 * A small note outside the database: "I had N unsent, the last one was …". If the note is there and the data is
 * not, the browser has thrown the phone's book away, and the person must hear of it at once.
 */

export interface Marker {
  unsent: number;
  last: string;
  at: string;
}

const key = (account: string): string => `gridwalk.marker.${account}`;

export function readMarker(account: string): Marker | null {
  try {
    const text = localStorage.getItem(key(account));
    return text ? (JSON.parse(text) as Marker) : null;
  } catch {
    return null;
  }
}

export function writeMarker(account: string, marker: Marker): void {
  try {
    localStorage.setItem(key(account), JSON.stringify(marker));
  } catch {
    // A phone that keeps no notes still keeps its book.
  }
}

/** What was lost: the marker knows a later change than the database has ever made. */
export function lost(marker: Marker | null, newest: string | null): Marker | null {
  if (!marker || marker.unsent === 0) return null;
  return newest === null || newest < marker.last ? marker : null;
}
