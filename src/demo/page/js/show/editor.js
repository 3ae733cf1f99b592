/** A message of one's own, while it is edited. */

import { act } from '../data/server.js';
import { typed, untyped } from '../text/typed.js';
import { named } from '../data/named.js';
import { el } from './dom.js';

export function editor(message, { who, channel, edit }) {
  const known = named(who.team);
  const field = el(
    'textarea',
    { 'aria-label': 'Edit message', rows: 2, 'data-key': 'editor', onkeydown: keys },
    untyped(message.text, known),
  );
  const stop = () => edit(false);
  const form = el(
    'form',
    { class: 'editor', onsubmit: save },
    field,
    el(
      'footer',
      {},
      el('button', { type: 'button', onclick: stop }, 'Cancel'),
      el('button', { type: 'submit', class: 'primary' }, 'Save'),
    ),
  );
  return form;

  function keys(event) {
    if (event.key === 'Escape') stop();
    else if (event.key === 'Enter' && !event.shiftKey && !event.isComposing) save(event);
  }

  async function save(event) {
    event.preventDefault();
    const text = typed(field.value.trim(), known);
    stop();
    if (text && text !== message.text) await act(who, { do: 'edit', channel, ts: message.ts, text });
  }
}
