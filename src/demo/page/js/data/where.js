/** What the agent looks at: a channel and a thread in it, or the app's Home. It is the part of the address after `#`. */

import { state } from './state.js';

/** The place of the app's Home. */
export const HOME = 'home';

/**
 * @returns {{place: string, thread: string | null}} where the agent is; somewhere sensible if that is not there (any more)
 */
export function where() {
  const [place, thread] = location.hash.slice(1).split('/');
  if (place === HOME || state.channels.some(({ id }) => id === place)) return { place, thread: thread || null };
  const usual = state.channels.find(({ kind, members }) => kind === 'channel' && members.length > 0) ?? state.channels[0];
  return { place: usual?.id ?? '', thread: null };
}

/** The address of a place. */
export function hashOf(place, thread) {
  return thread ? `#${place}/${thread}` : `#${place}`;
}

/** Goes there. */
export function go(place, thread) {
  location.hash = hashOf(place, thread);
}
