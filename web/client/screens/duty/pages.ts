/** The screens of this folder, fetched as one: each for itself they weigh more. */
export { default as Roster } from "./Roster.vue";
export { default as Calendar } from "./Calendar.vue";
export { default as Scan } from "./Scan.vue";
export { default as Here } from "./Here.vue";
export { default as ShiftPage } from "./ShiftPage.vue";
export { default as Act } from "./Act.vue";
