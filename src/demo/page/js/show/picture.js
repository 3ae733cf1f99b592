/** Pictures of people and bots. Addresses outside of the page are never loaded: those that the cast uses have a twin here. */

import { el } from './dom.js';
import { emoji } from '../text/emoji.js';

const HERE = new Set(['phil', 'philippa', 'jane', 'raj', 'expenses', 'megatron']);
const COLOURS = 6;

/**
 * The twin of an address, if there is one.
 * @param {string | null | undefined} url
 */
export function twin(url) {
  const name = url?.match(/([\w-]+)\.\w+$/)?.[1];
  return name && HERE.has(name) ? `/demo/page/pictures/${name}.svg` : undefined;
}

/** A square picture; without one, the first letter on a colour. Screen readers hear the name beside it. */
export function portrait(name, url) {
  const sign = url?.startsWith(':') ? emoji(url) : undefined;
  const address = twin(url);
  if (address) return el('img', { class: 'portrait', src: address, alt: '', width: 36, height: 36 });
  const colour = Array.from(name).reduce((sum, letter) => sum + letter.codePointAt(0), 0) % COLOURS;
  const letter = sign ?? (Array.from(name.trim())[0] ?? '?').toUpperCase();
  return el('span', { class: `portrait letter colour-${colour}`, 'aria-hidden': 'true', 'data-letter': letter });
}

/** An image of a block: the twin, or its words where there is none. */
export function image(url, words, attributes = {}) {
  const address = url?.startsWith('/') ? url : twin(url);
  if (address) return el('img', { src: address, alt: words ?? '', ...attributes });
  return el('span', { class: 'no-image', title: url }, words || 'image');
}
