/** Menus of things to do. Arrow keys go through them, a letter jumps. */

import { el } from './dom.js';
import { popup } from './popup.js';

/**
 * @param {HTMLElement} anchor
 * @param {string} label
 * @param {{label: string | Node[], hint?: string, danger?: boolean, run: () => void}[]} items
 */
export function menu(anchor, label, items) {
  const buttons = items.map(({ label, hint, danger, run }) =>
    el(
      'button',
      {
        type: 'button',
        role: 'menuitem',
        tabindex: -1,
        class: danger ? 'danger' : null,
        onclick: () => {
          close();
          run();
        },
      },
      el('span', {}, label),
      hint && el('small', {}, hint),
    ),
  );
  const list = el('div', { role: 'menu', 'aria-label': label, onkeydown: keys }, buttons);
  const close = popup(anchor, list);
  buttons[0]?.focus();

  function keys(event) {
    const at = buttons.indexOf(document.activeElement);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: -1 }[event.key] ?? jump(event.key, at);
    if (event.key === 'Tab') close();
    if (to === null) return;
    event.preventDefault();
    buttons.at(to % buttons.length).focus();
  }

  function jump(key, at) {
    if (key.length !== 1 || key === ' ') return null;
    const order = [...buttons.slice(at + 1), ...buttons.slice(0, at + 1)];
    const found = order.find((button) => button.textContent.toLowerCase().startsWith(key.toLowerCase()));
    return found ? buttons.indexOf(found) : null;
  }
}

/** A button that opens a menu; the items are asked for when it is pressed. */
export function menuButton(label, content, items, attributes = {}) {
  return el(
    'button',
    {
      type: 'button',
      'aria-haspopup': 'menu',
      'aria-expanded': 'false',
      'aria-label': label,
      title: label,
      ...attributes,
      onclick: (event) => menu(event.currentTarget, label, items()),
    },
    content,
  );
}
