/** Whom and what one can mention in a workspace. */

import { state } from './state.js';
import { agent } from './self.js';

/** @param {string} team */
export function named(team) {
  const { cast } = state;
  const ours = team === agent()?.team;
  const app = ours ? cast.app : cast.bot;
  const people = (ours ? cast.agents : cast.customers).map(({ user, name }) => ({ id: user, name }));
  const channels = ours ? state.channels.filter(({ kind, archived }) => kind !== 'dm' && !archived) : [];
  return { people: [...people, { id: app.user, name: app.name }], channels: channels.map(({ id, name }) => ({ id, name })) };
}
