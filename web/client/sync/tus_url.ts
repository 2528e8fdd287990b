/** In place of url-parse: every browser that can run this app has the real thing. */
export default globalThis.URL;
