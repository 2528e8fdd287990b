/** The code at a post, as its QR shows it. */

/** Whether this version can read a code through the camera. */
export const mayScan = false;
