/** Draws what `text/` has read. */

import { channel, person } from '../data/self.js';
import { state } from '../data/state.js';
import { hashOf } from '../data/where.js';
import { formatted } from '../text/dates.js';
import { mrkdwn, plain } from '../text/mrkdwn.js';
import { el } from './dom.js';

/** @param {import("../text/tokens.js").Piece[]} pieces */
export function draw(pieces) {
  return pieces.map(drawn);
}

/** A text object: `mrkdwn` or `plain_text`; also a bare string of mrkdwn. */
export function words(text) {
  if (!text) return [];
  if (typeof text === 'string') return draw(mrkdwn(text));
  return draw(text.type === 'plain_text' ? plain(text.text) : mrkdwn(text.text));
}

/** A text object as bare words, for labels. */
export function bare(text) {
  const box = el('span');
  box.append(...words(text).flat());
  return box.textContent;
}

function drawn(piece) {
  const parts = () => draw(piece.parts);
  switch (piece.kind) {
    case 'bold':
      return el('strong', {}, parts());
    case 'italic':
      return el('em', {}, parts());
    case 'strike':
      return el('s', {}, parts());
    case 'styled':
      return styled(piece.styles, parts());
    case 'code':
      return el('code', {}, piece.text);
    case 'pre':
      return el('pre', {}, piece.text);
    case 'quote':
      return el('blockquote', {}, parts());
    case 'paragraph':
      return el('div', {}, parts());
    case 'list':
      return list(piece);
    case 'link':
      return el('a', leading(piece.url), piece.text);
    case 'emoji':
      return el('span', { class: 'emoji', role: 'img', 'aria-label': piece.id, title: `:${piece.id}:` }, piece.text);
    case 'user':
      return el('span', { class: 'mention' }, `@${person(piece.id)?.name ?? (piece.text || piece.id)}`);
    case 'group':
    case 'broadcast':
      return el('span', { class: 'mention' }, `@${piece.text || piece.id}`);
    case 'channel':
      return channelLink(piece);
    case 'date':
      return date(piece);
    default:
      return document.createTextNode(piece.text ?? '');
  }
}

function styled(styles, parts) {
  const tags = { bold: 'strong', italic: 'em', strike: 's', code: 'code' };
  return styles.reduce((inner, style) => [el(tags[style], {}, inner)], parts)[0];
}

function list({ ordered, indent, start, items }) {
  const attributes = { class: `indent-${Math.min(indent, 4)}`, start: ordered && start > 1 ? start : null };
  return el(
    ordered ? 'ol' : 'ul',
    attributes,
    items.map((item) => el('li', {}, draw(item))),
  );
}

/** The attributes of a link: a channel of the agent's Slack is on this page; none for an address that a browser would run. */
export function leading(url) {
  const here = url?.match(/^https:\/\/([\w-]+)\.slack\.com\/archives\/(\w+)/);
  if (here && isOurs(here[1]) && channel(here[2])) return { href: hashOf(here[2]) };
  return /^(https?|mailto|tel):/i.test(url ?? '') ? { href: url, target: '_blank', rel: 'noreferrer noopener' } : {};
}

function isOurs(domain) {
  return state.cast.workspaces.some(({ side, name }) => side === 'support' && name.toLowerCase() === domain);
}

function channelLink({ id, text }) {
  const known = channel(id);
  const name = `#${known?.name || text || id}`;
  return known ? el('a', { class: 'mention', href: hashOf(id) }, name) : el('span', { class: 'mention' }, name);
}

function date({ ts, format, url, text }) {
  const shown = formatted(ts, format, { now: Date.now() / 1000 });
  const time = el('time', { datetime: new Date(ts * 1000).toISOString(), title: text || null }, shown);
  return url ? el('a', leading(url), time) : time;
}
