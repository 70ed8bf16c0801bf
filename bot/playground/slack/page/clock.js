// The workspace's time, which Backstage can move: "today" is its day, not the browser's.
let ahead = 0; // milliseconds

/** `seconds` since the epoch, as the server has it now. */
export function itIs(seconds) {
  ahead = Math.round(seconds * 1000 - Date.now());
}

/** Milliseconds since the epoch. */
export const now = () => Date.now() + ahead;
