/** Which channels hold something that the agent has not looked at. What was there when the page came up counts as read. */

import { state } from './state.js';

const seen = new Map();
let begun = false;

/** The agent looks at this channel now. */
export function look(id) {
  if (!begun && state.channels.length > 0) {
    begun = true;
    for (const channel of state.channels) seen.set(channel.id, channel.last_ts);
  }
  const channel = state.channels.find((one) => one.id === id);
  if (channel) seen.set(id, channel.last_ts);
}

/** Whether there is something new. */
export function isUnread(channel) {
  return begun && !channel.archived && (channel.last_ts ?? '') > (seen.get(channel.id) ?? '');
}
