// Made by `make types` from the record types in domain/. Do not edit: change the declaration there.

/** A position, WGS 84 degrees; accuracy in metres. */
export interface Geo { lat: number; lon: number; accuracy?: number; source?: string }

/** One text of a field where all are kept. */
export interface KeptText { text: string; by: string; at: string; change: string }

/** Case, schema 1: the fields as a record holds them. */
export interface CaseFields {
  /** Number on the phone: fixed, P0 */
  temp_no?: string;
  /** Number: server, P0 */
  no?: string;
  /** Class: latest, P0 */
  class?: "thing" | "event";
  /** Category: latest, P0 */
  category?: "garbage" | "road" | "facility" | "drainage" | "blocked_way" | "ebike" | "dispute" | "noise" | "greenery" | "water_leak" | "lamp_door" | "help";
  /** What is the matter: keep_all, P1 */
  description?: KeptText[];
  /** Additions: collect, P1 */
  additions?: { [key: string]: { [key: string]: unknown } };
  /** Photos: collect, P1 */
  photos?: { [key: string]: { [key: string]: unknown } };
  /** Voice notes: collect, P1 */
  voice?: { [key: string]: { [key: string]: unknown } };
  /** Severity: most, P0 */
  severity?: "normal" | "serious" | "urgent";
  /** Seen at: fixed, P1 */
  captured_at?: string;
  /** Source: fixed, P0 */
  source?: "grid_worker" | "steward" | "building_captain" | "school_guard" | "resident_qr" | "reception" | "phone" | "round" | "visit" | "council";
  /** Place: ask, P0 */
  place_id?: string;
  /** Place (by itself): latest, P0 */
  place_guess?: string;
  /** Where exactly: latest, P1 */
  place_note?: string;
  /** Position: latest, P1 */
  gps?: Geo;
  /** Pin on the map: latest, P0 */
  pin?: Geo;
  /** Telephone of who told us: ask, P2 */
  reporter_contact?: string;
  /** Keep who told us hidden: most, P0 */
  hide_reporter?: boolean;
  /** Who may see it: most, P0 */
  visibility?: "public_wall" | "internal" | "restricted";
  /** First looked at: least, P1 */
  seen_at?: string;
  /** Public summary: owner, P0 */
  public_summary?: string;
  /** Public progress: owner, P0 */
  public_state?: string;
  /** Progress: furthest, P0 */
  status?: { status: "reported" | "needs_info" | "accepted" | "assigned" | "working" | "on_hold" | "resolved" | "closed" | "rejected" | "merged"; cycle: number };
  /** Fixed on the spot: fixed, P0 */
  self_fixed?: boolean;
  /** Who took it: first, P1 */
  handler?: string;
  /** Dispatched to: collect, P1 */
  assignees?: { [key: string]: { [key: string]: unknown } };
  /** Due: owner, P0 */
  due_at?: string;
  /** On hold: latest, P1 */
  hold?: { [key: string]: unknown };
  /** Times on hold: server, P0 */
  hold_count?: number;
  /** What was done: keep_all, P1 */
  resolution?: KeptText[];
  /** Why not accepted: latest, P1 */
  rejection?: { [key: string]: unknown };
  /** Verification: collect, P1 */
  verify?: { [key: string]: { [key: string]: unknown } };
  /** Satisfaction: latest, P1 */
  satisfaction?: { [key: string]: "good" | "fair" | "bad" };
  /** Being asked about: collect, P1 */
  asking?: { [key: string]: { [key: string]: unknown } };
  /** Merged into: owner, P0 */
  merged_into?: string;
  /** Ended at: server, P0 */
  closed_at?: string;
  /** Closed after silence: server, P0 */
  auto_closed?: boolean;
  /** Past thirty days: server, P0 */
  sealed?: boolean;
}

/** Building, schema 1: the fields as a record holds them. */
export interface BuildingFields {
  /** Name: ask, P0 */
  name?: string;
  /** Short label: ask, P0 */
  label?: string;
  /** Belongs to: owner, P0 */
  parent_id?: string;
  /** State: furthest, P0 */
  status?: { status: "proposed" | "active" | "retired"; cycle: number };
  /** Code: server, P0 */
  code?: string;
  /** Equipment: latest, P0 */
  attrs?: { [key: string]: string };
  /** Notes about things: collect, P0 */
  memory?: { [key: string]: { [key: string]: unknown } };
  /** Being asked about: collect, P1 */
  asking?: { [key: string]: { [key: string]: unknown } };
  /** Centre: owner, P0 */
  centre?: Geo;
  /** Outline: owner, P0 */
  outline?: { [key: string]: unknown };
  /** Public information: owner, P0 */
  public_info?: { [key: string]: unknown };
  /** Order: latest, P0 */
  position?: number;
}

/** Unit, schema 1: the fields as a record holds them. */
export interface UnitFields {
  /** Name: ask, P0 */
  name?: string;
  /** Short label: ask, P0 */
  label?: string;
  /** Belongs to: owner, P0 */
  parent_id?: string;
  /** State: furthest, P0 */
  status?: { status: "proposed" | "active" | "retired"; cycle: number };
  /** Code: server, P0 */
  code?: string;
  /** Equipment: latest, P0 */
  attrs?: { [key: string]: string };
  /** Notes about things: collect, P0 */
  memory?: { [key: string]: { [key: string]: unknown } };
  /** Being asked about: collect, P1 */
  asking?: { [key: string]: { [key: string]: unknown } };
  /** Floors: latest, P0 */
  floors?: number;
  /** Doors on a floor: latest, P0 */
  doors_per_floor?: number;
  /** Order: latest, P0 */
  position?: number;
}

/** Household, schema 1: the fields as a record holds them. */
export interface HouseholdFields {
  /** Name: ask, P0 */
  name?: string;
  /** Short label: ask, P0 */
  label?: string;
  /** Belongs to: owner, P0 */
  parent_id?: string;
  /** State: furthest, P0 */
  status?: { status: "proposed" | "active" | "retired"; cycle: number };
  /** Code: server, P0 */
  code?: string;
  /** Equipment: latest, P0 */
  attrs?: { [key: string]: string };
  /** Notes about things: collect, P0 */
  memory?: { [key: string]: { [key: string]: unknown } };
  /** Being asked about: collect, P1 */
  asking?: { [key: string]: { [key: string]: unknown } };
  /** Floor: latest, P0 */
  floor?: number;
  /** Door from the left: latest, P0 */
  door?: number;
  /** Occupancy: latest, P0 */
  occupancy?: "lived_in" | "empty" | "unknown";
  /** Contact: ask, P2 */
  contact_name?: string;
  /** Telephone: ask, P2 */
  contact_phone?: string;
  /** Contact confirmed: most, P1 */
  contact_confirmed_at?: string;
}

export interface FieldsOf {
  case: CaseFields;
  building: BuildingFields;
  unit: UnitFields;
  household: HouseholdFields;
}

export type TypeName = keyof FieldsOf;
