/** Codes on printed signs and on a colleague's screen: six characters, made from an id as the server makes them. */

import { sha256Of } from "./hash";

const ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ";
const LENGTH = 6;
const CODE = new RegExp(`^[${ALPHABET}]{${LENGTH}}$`);

export async function codeOf(id: string): Promise<string> {
  const digest = await sha256Of(new TextEncoder().encode(`place:${id}`).buffer as ArrayBuffer);
  const bytes = Array.from({ length: LENGTH }, (_, at) => parseInt(digest.slice(2 * at, 2 * at + 2), 16));
  return bytes.map((byte) => ALPHABET[byte % ALPHABET.length]).join("");
}

/** As somebody types it: small letters, spaces and dashes are no mistake. Null where it is no code. */
export function typedCode(words: string): string | null {
  const code = words.toUpperCase().replace(/[\s\-_.]/g, "");
  return CODE.test(code) ? code : null;
}

/** The screen that a scanned text leads to: a place's sign, a colleague's round, or a bare code. Null: none of ours. */
export function screenOf(text: string): string | null {
  const path = /#(\/(?:at|walk)\/[0-9A-Za-z/-]+)$/.exec(text.trim())?.[1];
  if (path) return path;
  const code = typedCode(text);
  return code ? `/at/${code}` : null;
}

/** What stands in the code that a walker shows: enough to begin a round beside theirs, with no line on either phone. */
export interface Invitation {
  code: string;
  kind: string;
  leader: string;
  place: string;
}

export const invitationPath = ({ code, kind, leader, place }: Invitation): string => `/walk/${code}/${kind}/${leader}/${place}`;
