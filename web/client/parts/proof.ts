/** What may be said of the last proof now: the sentence must be true at the moment that it is read. */

import type { Counts } from "../store/entries";
import type { Proof } from "../store/proof";
import type { Key } from "../words";

export interface ProofState {
  words: Key;
  /** The number in the sentence. */
  n: number;
  tone: "done" | "again" | "urgent" | "quiet";
  /** True only while everything that was written is there. */
  claim: boolean;
  /** The last proof, if it is of this life of the server. */
  last: Proof | null;
}

export function proofState(proof: Proof | null, epoch: string | null, counts: Counts): ProofState {
  const last = proof && proof.epoch === epoch ? proof : null; // a restored server is asked anew
  if (last?.missing.length) {
    const words = last.stuck ? "phone.proof.stuck" : "phone.proof.missing";
    return { words, n: last.missing.length, tone: last.stuck ? "urgent" : "again", claim: false, last };
  }
  if (counts.unsent > 0) return { words: "phone.proof.unsent", n: counts.unsent, tone: "again", claim: false, last };
  if (!last) return { words: "phone.proof.never", n: 0, tone: "quiet", claim: false, last };
  if (counts.pictures > 0) return { words: counts.voices ? "phone.proof.files" : "phone.proof.text", n: counts.pictures, tone: "again", claim: true, last };
  if (counts.spoilt) return { words: "phone.proof.spoilt", n: counts.spoilt, tone: "again", claim: true, last };
  // It has arrived, and stands in no book: who reads "none missing" beside it would not know what to believe.
  if (counts.refused > 0) return { words: "phone.proof.refused", n: counts.refused, tone: "again", claim: true, last };
  return { words: "phone.proof.all", n: last.count, tone: "done", claim: true, last };
}
