/** The list above the composer: what could be meant. Arrow keys choose, Enter or Tab takes it, Escape closes. */

import { el } from '../show/dom.js';
import { listbox } from '../show/listbox.js';
import { place } from '../show/popup.js';
import { completions } from '../text/completion.js';

/**
 * @param {HTMLTextAreaElement} field
 * @param {() => import("../text/completion.js").Known} known
 * @param {() => void} changed after something was taken
 */
export function completion(field, known, changed) {
  const list = listbox({ label: 'Suggestions', owner: () => field, pick: ({ value }) => put(value) });
  const box = el('div', { class: 'popup', popover: 'manual' }, list.element);
  let from = 0;
  field.setAttribute('aria-autocomplete', 'list');
  field.addEventListener('input', show);
  field.addEventListener('blur', close);
  return { key, close };

  function show() {
    const before = field.value.slice(0, field.selectionStart);
    const found = completions(before, known());
    if (!found) return close();
    from = found.from;
    if (!box.isConnected) field.parentElement.append(box);
    if (!isOpen()) box.showPopover();
    field.setAttribute('aria-controls', list.id);
    list.fill([{ options: found.items.map(({ insert, label, hint }) => ({ label, hint, value: insert })) }]);
    place(box, field);
  }

  function isOpen() {
    return box.matches(':popover-open');
  }

  function close() {
    if (isOpen()) box.hidePopover();
    field.removeAttribute('aria-controls');
    field.removeAttribute('aria-activedescendant');
  }

  /** Answers whether the key meant something here. */
  function key(event) {
    if (!isOpen()) return false;
    if (event.key === 'Escape') close();
    else if (event.key === 'Tab' && !event.shiftKey) put(list.active().value);
    else if (event.key === 'Enter' && isWhole()) return false;
    else return list.key(event);
    event.preventDefault();
    return true;
  }

  /** What is typed is already what is suggested: Enter sends it. */
  function isWhole() {
    const typed = field.value.slice(from, field.selectionStart);
    return typed.trim().toLowerCase() === list.active().value.trim().toLowerCase();
  }

  function put(words) {
    field.setRangeText(words, from, field.selectionStart, 'end');
    close();
    changed();
    // The next word may be suggested as well.
    show();
  }
}
