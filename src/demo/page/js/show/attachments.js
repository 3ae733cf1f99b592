/** Attachments: the older way of apps to show more than text, and previews of links. */

import { clock } from '../text/dates.js';
import { blocks } from './blocks.js';
import { el } from './dom.js';
import { image } from './picture.js';
import { words } from './text.js';

const COLOURS = { good: '#2a9d6f', warning: '#c78500', danger: '#cc3b3b' };

/**
 * @param {any[] | null} all
 * @param {import("./elements.js").Host} host
 */
export function attachments(all, host) {
  return (all ?? []).map((one) => {
    const box = el('div', { class: 'attachment' }, one.blocks ? blocks(one.blocks, host) : classic(one, host));
    const colour = COLOURS[one.color] ?? (/^#?[0-9a-f]{6}$/i.test(one.color ?? '') ? `#${one.color.replace('#', '')}` : '');
    if (colour) box.style.borderInlineStartColor = colour;
    return one.pretext ? [el('div', {}, words(one.pretext)), box] : box;
  });
}

function classic(one, host) {
  const said = [one.author_name, one.title, one.text, one.fields, one.image_url, one.thumb_url, one.footer, one.actions];
  // What only older clients read is still better than nothing.
  if (!said.some(Boolean)) return words(one.fallback);
  return [
    one.author_name && el('small', {}, linked(one.author_link, one.author_name)),
    one.title && el('strong', {}, linked(one.title_link, one.title)),
    one.text && el('div', {}, words(one.text)),
    one.fields && el('div', { class: 'fields' }, one.fields.map(field)),
    one.image_url && image(one.image_url, one.title ?? one.fallback),
    one.thumb_url && image(one.thumb_url, one.title ?? one.fallback, { class: 'accessory' }),
    one.actions && el('div', { class: 'block actions' }, one.actions.map(inert)),
    (one.footer || one.ts) &&
      el('small', {}, words(one.footer), one.footer && one.ts ? ' · ' : '', one.ts ? clock(Number(one.ts)) : ''),
  ];
}

function field({ title, value, short }) {
  return el('div', { class: short ? null : 'whole' }, el('strong', {}, words(title)), el('div', {}, words(value)));
}

function linked(url, text) {
  return /^https?:/i.test(url ?? '') ? words(`<${url}|${text}>`) : words(text);
}

/** A button of the old kind: what it says, without life. */
function inert({ text, name }) {
  return el('span', { class: 'unknown' }, `[ ${text ?? name} ]`);
}
