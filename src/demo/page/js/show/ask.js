/** Asks before something is done. */

import { el } from './dom.js';
import { words } from './text.js';

/**
 * @param {{title?: any, text?: any, confirm?: any, deny?: any, style?: string}} question as Slack's `confirm` objects
 * @returns {Promise<boolean>}
 */
export function ask({ title, text, confirm, deny, style }) {
  return new Promise((answered) => {
    const yes = el(
      'button',
      { type: 'submit', value: 'yes', class: style === 'danger' ? 'danger' : 'primary' },
      words(confirm ?? 'Yes'),
    );
    const no = el('button', { type: 'submit', value: 'no' }, words(deny ?? 'Cancel'));
    const heading = el('h2', { id: 'question' }, words(title ?? 'Are you sure?'));
    const form = el('form', { method: 'dialog' }, heading, el('div', { class: 'body' }, words(text)), el('footer', {}, no, yes));
    const dialog = el('dialog', { class: 'ask', 'aria-labelledby': 'question' }, form);
    dialog.addEventListener('close', () => {
      dialog.remove();
      answered(dialog.returnValue === 'yes');
    });
    document.body.append(dialog);
    dialog.showModal();
  });
}
