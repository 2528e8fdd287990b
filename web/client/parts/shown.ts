/** A value of a field in words, whatever its kind. */

import { me } from "../app";
import { choiceLabel, fieldOf } from "../model/declared";
import type { PlaceIndex } from "../model/places";
import type { Json } from "../model/wire";
import { language, t } from "../words";
import { moment } from "./moments";

export function shownValue(type: string, field: string, value: Json, places: PlaceIndex): string {
  const kind = fieldOf(type, field)?.kind;
  if (value === null || value === undefined) return t("phone.value.none");
  if (kind === "step") return choiceLabel(type, field, (value as { status?: string }).status, language.value);
  if (kind === "ref") return value === me() ? t("phone.you") : (places.name(String(value)) ?? t("phone.value.elsewhere"));
  if (kind === "instant") return moment(String(value));
  if (kind === "boolean") return t(value ? "phone.value.yes" : "phone.value.no");
  if (kind === "geo") return pointOf(value as { lat: number; lon: number });
  if (typeof value === "object") return Object.values(value).filter((each) => typeof each === "string").join(" · ");
  return choiceLabel(type, field, value, language.value);
}

const pointOf = ({ lat, lon }: { lat: number; lon: number }): string => `${lat.toFixed(5)}, ${lon.toFixed(5)}`;
