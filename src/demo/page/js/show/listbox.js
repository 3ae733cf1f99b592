/** A list to choose from, while the focus stays where one types. Used by `choose` and by the completion of the composer. */

import { el } from './dom.js';

let lists = 0;

/**
 * @typedef {{label: string | Node[], hint?: string, value: any, chosen?: boolean}} Option
 * @typedef {{label?: string, options: Option[]}} Group
 *
 * @param {{label: string, owner: () => HTMLElement, pick: (option: Option) => void, many?: boolean, grid?: boolean}} how
 *   `owner` is the element that has the focus
 */
export function listbox({ label, owner, pick, many, grid }) {
  lists += 1;
  const id = `list-${lists}`;
  const element = el('div', {
    id,
    role: 'listbox',
    'aria-label': label,
    'aria-multiselectable': many ? 'true' : null,
    class: grid ? 'options grid' : 'options',
  });
  let options = [];
  let at = -1;

  /** @param {Group[]} groups */
  function fill(groups, nothing = 'Nothing found') {
    options = groups.flatMap((group) => group.options);
    let number = -1;
    const drawn = groups.map((group) => {
      const rows = group.options.map((option) => row(option, (number += 1)));
      return group.label
        ? el(
            'div',
            { role: 'group', 'aria-label': group.label },
            el('div', { class: 'group', 'aria-hidden': 'true' }, group.label),
            rows,
          )
        : rows;
    });
    element.replaceChildren(...drawn.flat());
    if (options.length === 0)
      element.append(el('div', { role: 'option', 'aria-disabled': 'true', 'aria-selected': 'false', class: 'nothing' }, nothing));
    const chosen = options.findIndex((option) => option.chosen);
    to(options.length ? Math.max(chosen, 0) : -1);
  }

  function row(option, number) {
    const own = {
      id: `${id}-${number}`,
      role: 'option',
      'aria-selected': String(Boolean(option.chosen)),
      title: grid ? option.hint : null,
      'aria-label': grid ? option.hint : null,
      // The focus stays where it is.
      onmousedown: (event) => event.preventDefault(),
      onclick: () => pick(option),
    };
    return el('div', own, el('span', {}, option.label), option.hint && !grid && el('small', {}, option.hint));
  }

  function to(number) {
    element.querySelector('.active')?.classList.remove('active');
    at = number;
    const active = number < 0 ? null : element.querySelector(`#${id}-${number}`);
    active?.classList.add('active');
    active?.scrollIntoView({ block: 'nearest' });
    if (active) owner().setAttribute('aria-activedescendant', active.id);
    else owner().removeAttribute('aria-activedescendant');
  }

  /** Answers whether the key meant something here. */
  function key(event) {
    if (options.length === 0) return false;
    const row = grid ? Math.max(1, Math.floor(element.clientWidth / (element.firstElementChild?.clientWidth || 1))) : 1;
    const step = { ArrowDown: row, ArrowUp: -row, ...(grid ? { ArrowRight: 1, ArrowLeft: -1 } : {}) }[event.key];
    if (step) to((at + step + options.length) % options.length);
    else if (event.key === 'Enter' && at >= 0) pick(options[at]);
    else return false;
    event.preventDefault();
    return true;
  }

  return { element, id, fill, key, active: () => options[at] };
}
