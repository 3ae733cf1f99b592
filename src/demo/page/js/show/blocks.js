/** Draws Block Kit. A block that is not known here is shown by its name and its words: nothing is left out silently. */

import { asMrkdwn } from '../text/markdown.js';
import { mrkdwn } from '../text/mrkdwn.js';
import { rich } from '../text/rich.js';
import { el } from './dom.js';
import { element } from './elements.js';
import { field } from './field.js';
import { image, twin } from './picture.js';
import { draw, leading, words } from './text.js';

/**
 * @param {any[] | null} all
 * @param {import("./elements.js").Host & {errors?: Record<string, string>, file?: (id: string) => string}} host
 */
export function blocks(all, host) {
  return (all ?? []).map((block) => el('div', { class: `block ${block.type}` }, drawn(block, host)));
}

function drawn(block, host) {
  switch (block.type) {
    case 'section':
      return section(block, host);
    case 'header':
      return el('h3', {}, words(block.text));
    case 'divider':
      return el('hr');
    case 'context':
      return block.elements.map((one) => element(one, block, host));
    case 'actions':
    case 'context_actions':
      return block.elements.map((one) => element(one, block, host));
    case 'input':
      return field(block, host);
    case 'rich_text':
      return draw(rich(block));
    case 'markdown':
      return draw(mrkdwn(asMrkdwn(block.text)));
    case 'image':
      return picture(block, host);
    case 'video':
      return video(block);
    case 'table':
      return table(block);
    default:
      return unknown(block, host);
  }
}

function section(block, host) {
  const fields = block.fields?.map((field) => el('div', {}, words(field)));
  return [
    el('div', { class: 'text' }, words(block.text), fields && el('div', { class: 'fields' }, fields)),
    block.accessory && el('div', { class: 'accessory' }, element(block.accessory, block, host)),
  ];
}

function picture(block, host) {
  const address = block.slack_file?.id && host.file ? host.file(block.slack_file.id) : block.image_url;
  return el('figure', {}, block.title && el('figcaption', {}, words(block.title)), image(address, block.alt_text));
}

function video({
  title,
  title_url: address,
  description,
  author_name: author,
  provider_name: provider,
  thumbnail_url: url,
  alt_text: alt,
}) {
  const name = address ? el('a', leading(address), words(title)) : words(title);
  const from = [author, provider].filter(Boolean).join(' · ');
  return [el('strong', {}, name), from && el('small', {}, from), words(description), twin(url) ? image(url, alt) : null];
}

function table({ rows }) {
  const cell = (one) => el('td', {}, one.type === 'rich_text' ? draw(rich(one)) : (one.text ?? ''));
  return el(
    'table',
    {},
    rows.map((row) => el('tr', {}, row.map(cell))),
  );
}

function unknown(block, host) {
  const said = block.text ? words(block.text) : blocks(block.blocks ?? block.elements?.filter(({ type }) => type), host);
  return [el('small', { class: 'unknown' }, `[${block.type}] `), said];
}
