/** Before any test file: a real implementation of IndexedDB, in memory. */
import "fake-indexeddb/auto";
