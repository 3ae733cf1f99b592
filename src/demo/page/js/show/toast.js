/** Short notes at the edge of the page: what was refused, and why. */

import { el } from './dom.js';

/** How long a note stays, in milliseconds. */
const STAYS = 8000;

export function toast(text) {
  const close = el('button', { class: 'quiet', 'aria-label': 'Dismiss', onclick: () => note.remove() }, '×');
  const note = el('p', { class: 'toast' }, el('span', {}, text), close);
  document.getElementById('toasts').append(note);
  setTimeout(() => note.remove(), STAYS);
}
