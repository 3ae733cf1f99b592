/** What the server has told so far. `stream` fills it, everything else reads it. */

/** How many moves are kept. */
const MOVES = 500;

/** An empty state: nothing is known yet. */
export function empty() {
  return {
    cast: null,
    dm: { id: '', messages: [] },
    channels: [],
    /** Messages by channel id. */
    messages: new Map(),
    home: null,
    modals: [],
    control: [],
    lanes: [],
    switches: { slack: 'ok', bot: 'ok', service: 'running' },
    moves: [],
    connected: false,
  };
}

/** The state of this page. */
export const state = empty();

/**
 * Takes one part in: it replaces what was known of it; a move is added.
 * @param {ReturnType<typeof empty>} into
 * @param {{part: string, id?: string, value: any}} message
 */
export function take(into, { part, id, value }) {
  if (part === 'move') {
    into.moves.push(value);
    into.moves.splice(0, into.moves.length - MOVES);
  } else if (part === 'channel') {
    into.messages.set(id ?? value.id, value.messages);
  } else {
    into[part] = value;
  }
}

/** All parts are about to be sent anew. */
export function begin(into) {
  into.moves = [];
  into.messages.clear();
  into.connected = true;
}
