/** Opens a list to choose from beside a button, with a field to search in it. */

import { el } from './dom.js';
import { listbox } from './listbox.js';
import { popup } from './popup.js';

/**
 * @param {HTMLElement} anchor
 * @param {{label: string, groups: (query: string) => import("./listbox.js").Group[] | Promise<import("./listbox.js").Group[] | string>,
 *   pick: (value: any) => void, many?: boolean, grid?: boolean}} how with `many` it stays open; a string says why there is nothing
 */
export function choose(anchor, { label, groups, pick, many, grid }) {
  const field = el('input', {
    type: 'text',
    role: 'combobox',
    'aria-label': `Search: ${label}`,
    'aria-expanded': 'true',
    'aria-autocomplete': 'list',
    autocomplete: 'off',
    placeholder: 'Search',
    oninput: () => fill(),
    onkeydown: (event) => list.key(event),
  });
  const list = listbox({
    label,
    many,
    grid,
    owner: () => field,
    pick: (option) => {
      pick(option.value);
      if (many) fill();
      else close();
    },
  });
  field.setAttribute('aria-controls', list.id);
  const close = popup(anchor, el('div', { class: 'choose' }, field, list.element));
  field.focus();
  let asked = 0;
  fill();

  async function fill() {
    const number = (asked += 1);
    const found = await groups(field.value.trim());
    // An answer to an older question is of no use.
    if (number !== asked) return;
    if (typeof found === 'string') list.fill([], found);
    else list.fill(found.filter((group) => group.options.length > 0));
  }
}
