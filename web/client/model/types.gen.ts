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
  /** On which round: fixed, P0 */
  round_id?: string;
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

/** Notice, schema 1: the fields as a record holds them. */
export interface NoticeFields {
  /** Kind: owner, P0 */
  kind?: "general" | "service" | "safety" | "emergency";
  /** Title: owner, P0 */
  title?: string;
  /** Text: owner, P0 */
  body?: string;
  /** Draft: keep_all, P1 */
  draft?: KeptText[];
  /** For whom: owner, P0 */
  audience?: { [key: string]: boolean };
  /** Readers are asked to say that they know: owner, P0 */
  needs_ack?: boolean;
  /** To be published at: owner, P0 */
  publish_at?: string;
  /** Hangs until: owner, P0 */
  expire_at?: string;
  /** In other languages: collect, P0 */
  translations?: { [key: string]: { [key: string]: unknown } };
  /** Pictures: collect, P0 */
  photos?: { [key: string]: { [key: string]: unknown } };
  /** Progress: furthest, P0 */
  status?: { status: "draft" | "scheduled" | "published" | "expired" | "withdrawn"; cycle: number };
  /** Published at: server, P0 */
  published_at?: string;
  /** Who knows, by place: server, P0 */
  coverage?: { [key: string]: { [key: string]: unknown } };
}

/** Known, schema 1: the fields as a record holds them. */
export interface NoticeAckFields {
  /** Of which notice: fixed, P1 */
  notice?: string;
  /** Who published it: fixed, P1 */
  author?: string;
  /** When: least, P1 */
  at?: string;
}

/** Plan of a post, schema 1: the fields as a record holds them. */
export interface PostPlanFields {
  /** Kind: owner, P0 */
  kind?: "school" | "night" | "checkpoint" | "emergency" | "desk" | "reception";
  /** Sessions: owner, P0 */
  sessions?: { [key: string]: { [key: string]: unknown } };
  /** Days without duty: owner, P0 */
  closed?: { [key: string]: string };
  /** Where the post is: owner, P0 */
  point?: Geo;
  /** How near is near, in metres: owner, P0 */
  near_metres?: number;
  /** Telephone of the school: owner, P1 */
  host_phone?: string;
}

/** Shift, schema 1: the fields as a record holds them. */
export interface ShiftFields {
  /** Post: fixed, P0 */
  post?: string;
  /** Date: fixed, P0 */
  date?: string;
  /** Session: fixed, P0 */
  session?: string;
  /** Kind: owner, P0 */
  kind?: "school" | "night" | "checkpoint" | "emergency" | "desk" | "reception";
  /** Begins: owner, P0 */
  start?: string;
  /** Ends: owner, P0 */
  end?: string;
  /** Minutes to be there before: owner, P0 */
  lead_minutes?: number;
  /** How many are needed: owner, P0 */
  required_n?: number;
  /** Remark: owner, P0 */
  remark?: string;
  /** Who is on: collect, P1 */
  assignees?: { [key: string]: { [key: string]: unknown } };
  /** Seen: least, P1 */
  seen_at?: { [key: string]: string };
  /** Checked in: least, P1 */
  check_in_at?: { [key: string]: string };
  /** How it was said: first, P1 */
  check_in_how?: { [key: string]: { [key: string]: unknown } };
  /** Checked out: most, P1 */
  check_out_at?: { [key: string]: string };
  /** Noted afterwards: latest, P1 */
  back_fill?: { [key: string]: { [key: string]: unknown } };
  /** Confirmed: collect, P1 */
  confirmed?: { [key: string]: { [key: string]: unknown } };
  /** Log: collect, P1 */
  log?: { [key: string]: { [key: string]: unknown } };
  /** Photos: collect, P1 */
  photos?: { [key: string]: { [key: string]: unknown } };
  /** Handover: keep_all, P1 */
  handover?: KeptText[];
  /** Swap: collect, P1 */
  swaps?: { [key: string]: { [key: string]: unknown } };
  /** The colleague's answer: latest, P1 */
  swap_agreed?: { [key: string]: { [key: string]: unknown } };
  /** Approval of a swap: latest, P1 */
  swap_approved?: { [key: string]: { [key: string]: unknown } };
  /** Absence: latest, P1 */
  absence?: { [key: string]: { [key: string]: unknown } };
  /** Excused: latest, P1 */
  excused?: { [key: string]: { [key: string]: unknown } };
  /** Being asked about: collect, P1 */
  asking?: { [key: string]: { [key: string]: unknown } };
}

/** Campaign, schema 1: the fields as a record holds them. */
export interface CampaignFields {
  /** Title: owner, P0 */
  title?: string;
  /** What it is: fixed, P0 */
  kind?: "notify" | "checklist" | "survey";
  /** Whose it is: owner, P0 */
  owner_org?: string;
  /** Why: owner, P0 */
  why?: string;
  /** Basis: owner, P0 */
  basis?: string;
  /** Purpose: owner, P0 */
  purpose?: string;
  /** What is said at the door: owner, P0 */
  consent_text?: string;
  /** Form (draft): owner, P0 */
  form?: { [key: string]: unknown };
  /** Where: owner, P0 */
  target?: { [key: string]: unknown };
  /** Begins: owner, P0 */
  starts_at?: string;
  /** Ends: owner, P0 */
  ends_at?: string;
  /** Erased at: owner, P0 */
  erase_at?: string;
  /** Asks for photos: owner, P0 */
  photo_required?: boolean;
  /** Why photos: owner, P0 */
  photo_reason?: string;
  /** Results are public: owner, P0 */
  results_public?: boolean;
  /** Progress: furthest, P0 */
  status?: { status: "draft" | "review" | "open" | "paused" | "closed" | "erased"; cycle: number };
  /** Word of the admission: keep_all, P1 */
  review_note?: KeptText[];
  /** Photos approved: latest, P1 */
  photo_approval?: { [key: string]: unknown };
  /** Version of the form: server, P0 */
  form_version?: number;
  /** Frozen form: server, P0 */
  published?: { [key: string]: unknown };
  /** What is known already: server, P0 */
  reuse_report?: { [key: string]: unknown };
  /** Opened at: server, P0 */
  opened_at?: string;
  /** Closed at: server, P0 */
  closed_at?: string;
  /** Totals: server, P0 */
  totals?: { [key: string]: unknown };
}

/** Task, schema 1: the fields as a record holds them. */
export interface TaskFields {
  /** Campaign: fixed, P0 */
  campaign_id?: string;
  /** Place: fixed, P0 */
  place_id?: string;
  /** Version of the form: server, P0 */
  form_version?: number;
  /** A photo is asked for: server, P0 */
  photo_asked?: boolean;
  /** Who goes: collect, P1 */
  assignees?: { [key: string]: { [key: string]: unknown } };
  /** Progress: furthest, P0 */
  status?: { status: "todo" | "not_home" | "done" | "declined" | "not_applicable"; cycle: number };
  /** Done at: least, P1 */
  done_at?: string;
  /** Who did it: first, P1 */
  done_by?: string;
  /** Who went too: collect, P1 */
  also_by?: { [key: string]: { [key: string]: unknown } };
  /** Times somebody went: collect, P0 */
  tries?: { [key: string]: { [key: string]: unknown } };
  /** Note: keep_all, P1 */
  note?: KeptText[];
  /** Photos: collect, P2 */
  photos?: { [key: string]: { [key: string]: unknown } };
  /** Why it was taken back: keep_all, P1 */
  untick_reason?: KeptText[];
  /** From a paper sheet: latest, P0 */
  batch?: string;
  /** Campaign closed: server, P0 */
  closed_at?: string;
  /** Being asked about: collect, P1 */
  asking?: { [key: string]: { [key: string]: unknown } };
}

/** Answers, schema 1: the fields as a record holds them. */
export interface SurveyResponseFields {
  /** Campaign: fixed, P0 */
  campaign_id?: string;
  /** Place: fixed, P0 */
  place_id?: string;
  /** What it is: fixed, P0 */
  kind?: "survey" | "checklist";
  /** Version of the form: fixed, P0 */
  form_version?: number;
  /** Answers: ask, P2 */
  answers?: { [key: string]: string };
  /** Consent: latest, P2 */
  consent?: { [key: string]: unknown };
  /** Who asked: collect, P1 */
  entered_by?: { [key: string]: { [key: string]: unknown } };
  /** Campaign closed: server, P0 */
  closed_at?: string;
  /** Being asked about: collect, P1 */
  asking?: { [key: string]: { [key: string]: unknown } };
}

/** Round, schema 1: the fields as a record holds them. */
export interface RoundFields {
  /** Where: fixed, P0 */
  place_id?: string;
  /** What for: fixed, P0 */
  kind?: "daily" | "fire" | "night" | "campus" | "flood";
  /** Progress: furthest, P0 */
  status?: { status: "planned" | "active" | "done" | "cut_short" | "cancelled"; cycle: number };
  /** Who walks: collect, P1 */
  members?: { [key: string]: { [key: string]: unknown } };
  /** Walked together with: fixed, P0 */
  with_code?: string;
  /** Planned for: latest, P0 */
  planned_at?: string;
  /** Stops to look at: collect, P0 */
  wanted?: { [key: string]: { [key: string]: unknown } };
  /** Started: least, P1 */
  started_at?: string;
  /** Ended: most, P1 */
  ended_at?: string;
  /** Ended in the walker's place: first, P1 */
  ended_for?: { [key: string]: unknown };
  /** Why it ended early: latest, P1 */
  cut_reason?: string;
  /** Stops looked at: collect, P1 */
  stops?: { [key: string]: { [key: string]: unknown } };
  /** How it was: most, P0 */
  checks?: { [key: string]: "unseen" | "fine" | "bad" };
  /** Cases reported: collect, P0 */
  cases?: { [key: string]: { [key: string]: unknown } };
  /** Notes: collect, P1 */
  notes?: { [key: string]: { [key: string]: unknown } };
  /** Voice notes: collect, P1 */
  voice?: { [key: string]: { [key: string]: unknown } };
  /** Track kept: latest, P1 */
  track_on?: boolean;
  /** Being asked about: collect, P1 */
  asking?: { [key: string]: { [key: string]: unknown } };
}

/** Track, schema 1: the fields as a record holds them. */
export interface TrackFields {
  /** Of which round: fixed, P1 */
  round_id?: string;
  /** Started: fixed, P1 */
  started_at?: string;
  /** Ended: least, P1 */
  ended_at?: string;
  /** Roughly where: collect, P3 */
  points?: { [key: string]: { [key: string]: unknown } };
}

/** Visit, schema 1: the fields as a record holds them. */
export interface VisitFields {
  /** Place: fixed, P0 */
  place_id?: string;
  /** What for: fixed, P0 */
  purpose?: "safety_check" | "care" | "notice" | "survey" | "follow_up" | "errand";
  /** Care agreement: fixed, P0 */
  care_agreement_id?: string;
  /** Case: fixed, P0 */
  case_id?: string;
  /** Task: fixed, P0 */
  task_id?: string;
  /** Progress: furthest, P0 */
  status?: { status: "planned" | "retry" | "done" | "declined" | "cancelled"; cycle: number };
  /** Planned for: least, P0 */
  planned_for?: string;
  /** Who goes: collect, P1 */
  assignees?: { [key: string]: { [key: string]: unknown } };
  /** How it went: collect, P1 */
  outcome?: { [key: string]: { [key: string]: unknown } };
  /** Who went: first, P1 */
  visited_by?: string;
  /** When: first, P1 */
  visited_at?: string;
  /** Who went along: collect, P1 */
  companions?: { [key: string]: boolean };
  /** Safety checks: most, P1 */
  safety?: { [key: string]: "fine" | "trouble" };
  /** Help wanted: collect, P2 */
  needs?: { [key: string]: boolean };
  /** Note: keep_all, P2 */
  note?: KeptText[];
  /** Promised to come again: least, P1 */
  next_at?: string;
  /** Asked for by the household: latest, P1 */
  own_request?: { [key: string]: unknown };
  /** Why nobody goes: latest, P0 */
  cancelled_why?: string;
  /** Consent: latest, P2 */
  consent?: { [key: string]: unknown };
  /** Being asked about: collect, P1 */
  asking?: { [key: string]: { [key: string]: unknown } };
}

/** Care agreement, schema 1: the fields as a record holds them. */
export interface CareAgreementFields {
  /** Place: fixed, P2 */
  place_id?: string;
  /** How we say it: latest, P2 */
  alias?: string;
  /** Help wanted: collect, P2 */
  help?: { [key: string]: boolean };
  /** How often: most, P1 */
  frequency?: "monthly" | "fortnightly" | "weekly" | "twice_weekly" | "daily";
  /** Carers: collect, P1 */
  carers?: { [key: string]: { [key: string]: unknown } };
  /** Consent: latest, P2 */
  consent?: { [key: string]: unknown };
  /** Until: least, P1 */
  ends_on?: string;
  /** Help needed now: collect, P3 */
  needs?: { [key: string]: boolean };
  /** Notes: collect, P3 */
  notes?: { [key: string]: { [key: string]: unknown } };
  /** Being asked about: collect, P1 */
  asking?: { [key: string]: { [key: string]: unknown } };
}

/** Complaint or suggestion, schema 1: the fields as a record holds them. */
export interface FeedbackFields {
  /** About: latest, P1 */
  about?: "app" | "work" | "wish" | "other";
  /** In their words: collect, P1 */
  words?: { [key: string]: { [key: string]: unknown } };
  /** On which screen: fixed, P0 */
  screen?: string;
  /** Progress: furthest, P0 */
  status?: { status: "sent" | "answered"; cycle: number };
  /** Answer: collect, P1 */
  answer?: { [key: string]: { [key: string]: unknown } };
  /** Being asked about: collect, P1 */
  asking?: { [key: string]: { [key: string]: unknown } };
}

export interface FieldsOf {
  case: CaseFields;
  building: BuildingFields;
  unit: UnitFields;
  household: HouseholdFields;
  notice: NoticeFields;
  notice_ack: NoticeAckFields;
  post_plan: PostPlanFields;
  shift: ShiftFields;
  campaign: CampaignFields;
  task: TaskFields;
  survey_response: SurveyResponseFields;
  round: RoundFields;
  track: TrackFields;
  visit: VisitFields;
  care_agreement: CareAgreementFields;
  feedback: FeedbackFields;
}

export type TypeName = keyof FieldsOf;
