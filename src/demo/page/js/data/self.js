/** Who plays here: the customer on the left and the agent on the right, as the page's address says. */

import { state } from './state.js';

const wanted = new URLSearchParams(location.search);

/** The ids of the two. */
export const self = { agent: wanted.get('agent') ?? 'U0JANE', customer: wanted.get('customer') ?? 'U0PHIL' };

/** The address of the page for another agent or customer. */
export function addressOf(other) {
  return `?${new URLSearchParams({ ...self, ...other })}`;
}

/** The customer, or nothing as long as the cast is not known. */
export function customer() {
  return state.cast?.customers.find(({ user }) => user === self.customer) ?? state.cast?.customers[0];
}

/** The agent, or nothing as long as the cast is not known. */
export function agent() {
  return state.cast?.agents.find(({ user }) => user === self.agent) ?? state.cast?.agents[0];
}

/** A person or a bot by id. */
export function person(id) {
  return state.cast?.people[id];
}

/** Somebody's picture; the two bots have none in Slack. */
export function pictureOf(id) {
  const { bot, app } = state.cast;
  const bots = { [bot.user]: 'expenses.png', [app.user]: 'megatron.png' };
  return person(id)?.picture ?? bots[id];
}

/** A channel that the agent sees, by id. */
export function channel(id) {
  return state.channels.find((one) => one.id === id);
}
