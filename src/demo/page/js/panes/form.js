/** What is typed and chosen in a view, and where it goes. Modals and the Home tab are views. */

import { act } from '../data/server.js';

/**
 * @param {any} view
 * @param {{team: string, user: string}} who
 * @param {Record<string, any>} [before] values that the view had before it was drawn anew
 */
export function form(view, who, before = {}) {
  const readers = [];
  const spot = { view: view.id };
  const host = {
    act: (action_id, value) => act(who, { do: 'click', spot, action_id, value }),
    options: (action_id, query) => act(who, { do: 'options', spot, action_id, query }),
    read: (block, element, value) => readers.push({ block: block.block_id, action: element.action_id, value }),
    kept: (block, element) => before[block.block_id]?.[element.action_id],
  };
  return { host, values };

  /** As Slack's `view.state.values`. */
  function values() {
    const all = {};
    for (const { block, action, value } of readers) (all[block] ??= {})[action] = value();
    return all;
  }
}
