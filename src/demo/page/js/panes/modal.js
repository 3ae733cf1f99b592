/** Modals: the topmost one of those that are open for the agent. */

import { act } from '../data/server.js';
import { agent } from '../data/self.js';
import { state } from '../data/state.js';
import { blocks } from '../show/blocks.js';
import { el } from '../show/dom.js';
import { missing } from '../show/field.js';
import { address } from '../show/files.js';
import { drawing } from '../show/icons.js';
import { words } from '../show/text.js';
import { form } from './form.js';

/** @param {HTMLDialogElement} dialog */
export function modals(dialog) {
  let shown = null;
  /** What the one that is shown holds. */
  let values = () => ({});
  /** What was typed into those below it. */
  const kept = new Map();
  let wrong = {};
  dialog.addEventListener('cancel', (event) => {
    event.preventDefault();
    close();
  });
  return draw;

  function draw() {
    const view = state.modals.at(-1);
    const looks = view && JSON.stringify([view.id, view.hash, view.errors]);
    if (looks === shown) return;
    shown = looks;
    wrong = view?.errors ?? {};
    for (const id of kept.keys()) if (!state.modals.some((one) => one.id === id)) kept.delete(id);
    if (!view) {
      dialog.close();
      dialog.replaceChildren();
      return;
    }
    fill(view);
    if (!dialog.open) dialog.showModal();
  }

  function fill(view) {
    const focused = dialog.contains(document.activeElement) ? document.activeElement.getAttribute('data-key') : null;
    const { team, user } = agent();
    if (dialog.dataset.view) kept.set(dialog.dataset.view, values());
    const made = form(view, { team, user }, kept.get(view.id));
    dialog.dataset.view = view.id;
    values = made.values;
    const host = { ...made.host, errors: wrong, file: (id) => address(team, id) };
    const body = el('div', { class: 'body content' }, blocks(view.blocks, host));
    const leave = el('button', { type: 'button', 'data-key': 'close', onclick: close }, words(view.close ?? 'Cancel'));
    const send = view.submit && el('button', { type: 'submit', class: 'primary', 'data-key': 'submit' }, words(view.submit));
    const top = el(
      'header',
      {},
      el('h2', { id: 'modal-title' }, words(view.title)),
      el('button', { type: 'button', class: 'quiet', 'aria-label': 'Close', onclick: close }, drawing('close')),
    );
    dialog.replaceChildren(
      el('form', { method: 'dialog', novalidate: true, onsubmit: submit }, top, body, el('footer', {}, leave, send)),
    );
    const first = dialog.querySelector('[aria-invalid]') ?? dialog.querySelector('[autofocus]');
    const same = focused && dialog.querySelector(`[data-key="${CSS.escape(focused)}"]`);
    (first ?? same ?? dialog.querySelector('.body [data-key]') ?? leave).focus();
  }

  async function submit(event) {
    event.preventDefault();
    const view = state.modals.at(-1);
    const { team, user } = agent();
    const given = values();
    wrong = missing(view.blocks, given);
    if (Object.keys(wrong).length > 0) return fill(view);
    dialog.setAttribute('aria-busy', 'true');
    await act({ team, user }, { do: 'submit', view: view.id, values: given });
    dialog.removeAttribute('aria-busy');
    return undefined;
  }

  function close() {
    const view = state.modals.at(-1);
    const { team, user } = agent();
    if (view) act({ team, user }, { do: 'close', view: view.id });
  }
}
