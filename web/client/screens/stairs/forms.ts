/** The frozen form of a campaign. */

import { formOf, type Form } from "../../model/form";
import type { View } from "../../model/overlay";
import type { Json } from "../../model/wire";

export interface Published {
  version: number;
  form: Form;
}

export function published(campaign: View): Published | null {
  const frozen = campaign.fields.published as { version?: number; form?: Json } | undefined;
  return frozen?.form ? { version: Number(frozen.version ?? 1), form: formOf(frozen.form) } : null;
}

/** Is anything asked at the door, or is one tap all there is to it? */
export function hasQuestions(campaign: View): boolean {
  return campaign.fields.kind !== "notify" && (published(campaign)?.form.questions.length ?? 0) > 0;
}
