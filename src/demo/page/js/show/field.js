/** An input of a form: its label, its element, its hint, and what is wrong with it. */

import { el } from './dom.js';
import { element } from './elements.js';
import { bare, words } from './text.js';

let fields = 0;

export function field(block, host) {
  fields += 1;
  const [hint, wrong] = [`field-${fields}-hint`, `field-${fields}-wrong`];
  const error = host.errors?.[block.block_id];
  const names = {
    label: bare(block.label) + (block.optional ? ' (optional)' : ''),
    describedby: [block.hint && hint, error && wrong].filter(Boolean).join(' ') || null,
  };
  const control = element(block.element, block, host, names);
  if (error) control.setAttribute?.('aria-invalid', 'true');
  return [
    el('div', { class: 'label', 'aria-hidden': 'true' }, words(block.label), block.optional && el('small', {}, ' (optional)')),
    control,
    block.hint && el('small', { id: hint }, words(block.hint)),
    error && el('p', { id: wrong, class: 'wrong', role: 'alert' }, error),
  ];
}

/**
 * What a person would be told at once, before the app is asked.
 * @param {any[]} blocks
 * @param {Record<string, Record<string, any>>} values as `view.state.values`
 */
export function missing(blocks, values) {
  const errors = {};
  for (const { type, optional, block_id: id, element } of blocks) {
    if (type !== 'input') continue;
    const { type: _, ...given } = values[id]?.[element.action_id] ?? {};
    const [value] = Object.values(given);
    const isEmpty = value === null || value === undefined || value === '' || (Array.isArray(value) && value.length === 0);
    if (isEmpty && !optional) errors[id] = 'Please fill this in.';
    else if (!isEmpty && element.min_length > value.length) errors[id] = `Please write at least ${element.min_length} letters.`;
  }
  return errors;
}
