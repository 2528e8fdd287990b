/** The screens of this folder, fetched as one: each for itself they weigh more. */
export { default as Me } from "./Me.vue";
export { default as Entries } from "./Entries.vue";
export { default as Aside } from "./Aside.vue";
export { default as Rescue } from "./Rescue.vue";
export { default as Storage } from "./Storage.vue";
export { default as Reminders } from "./Reminders.vue";
export { default as Notebook } from "./Notebook.vue";
