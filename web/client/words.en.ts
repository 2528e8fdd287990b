/** The English words of the phone, in a piece of their own that is fetched when somebody chooses them. */
export { common, phone, reasons, roles, signin } from "@catalogue/en.json";
