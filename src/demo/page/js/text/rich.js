/** A `rich_text` block as a tree of pieces. Pure; `show/text.js` draws the tree. */

import { emoji } from './emoji.js';
import { link } from './tokens.js';

/**
 * @param {any} block
 * @returns {import("./tokens.js").Piece[]}
 */
export function rich(block) {
  return (block.elements ?? []).map((element) => {
    const leaves = element.elements ?? [];
    switch (element.type) {
      case 'rich_text_section':
        return { kind: 'paragraph', parts: leaves.map(leaf) };
      case 'rich_text_quote':
        return { kind: 'quote', parts: leaves.map(leaf) };
      case 'rich_text_preformatted':
        return { kind: 'pre', text: leaves.map(words).join('') };
      case 'rich_text_list':
        return {
          kind: 'list',
          ordered: element.style === 'ordered',
          indent: element.indent ?? 0,
          start: (element.offset ?? 0) + 1,
          items: leaves.map((item) => (item.elements ?? []).map(leaf)),
        };
      default:
        return { kind: 'paragraph', parts: [{ kind: 'text', text: words(element) }] };
    }
  });
}

function leaf(element) {
  const found = unstyled(element);
  const styles = ['bold', 'italic', 'strike', 'code'].filter((style) => element.style?.[style]);
  return styles.length ? { kind: 'styled', styles, parts: [found] } : found;
}

function unstyled(element) {
  switch (element.type) {
    case 'user':
      return { kind: 'user', id: element.user_id, text: '' };
    case 'channel':
      return { kind: 'channel', id: element.channel_id, text: '' };
    case 'usergroup':
      return { kind: 'group', id: element.usergroup_id, text: '' };
    case 'broadcast':
      return { kind: 'broadcast', text: element.range };
    case 'emoji':
      return {
        kind: 'emoji',
        id: element.name,
        text: fromCodes(element.unicode) ?? emoji(element.name) ?? `:${element.name}:`,
      };
    case 'link':
      return link(element.url, element.text);
    case 'date':
      return {
        kind: 'date',
        ts: element.timestamp,
        format: element.format,
        url: element.url,
        text: element.fallback ?? '',
      };
    case 'color':
      return { kind: 'code', text: element.value };
    default:
      return { kind: 'text', text: words(element) };
  }
}

/** `1f44d-1f3fb` as signs. */
function fromCodes(codes) {
  return /^[0-9a-f]+(-[0-9a-f]+)*$/.test(codes ?? '')
    ? String.fromCodePoint(...codes.split('-').map((code) => parseInt(code, 16)))
    : undefined;
}

/** What an element says that is not known here: nothing is left out. */
function words(element) {
  if (typeof element.text === 'string') return element.text;
  if (Array.isArray(element.elements)) return element.elements.map(words).join('');
  return element.url ?? element.name ?? `[${element.type}]`;
}
