/** The list of what the agent sees: channels, rooms, and the app. Arrow keys go through it. */

import { agent } from '../data/self.js';
import { state } from '../data/state.js';
import { isUnread } from '../data/unread.js';
import { HOME, hashOf } from '../data/where.js';
import { el, redraw } from '../show/dom.js';
import { drawing } from '../show/icons.js';
import { face } from './customer.js';

/** @param {HTMLElement} nav */
export function sidebar(nav) {
  nav.addEventListener('keydown', keys);
  return draw;

  /** @param {string} place where the agent is */
  function draw(place) {
    const { channels, cast } = state;
    const looks = [
      channels.map((one) => [one.id, one.name, one.archived, one.kind, one.members, isUnread(one)]),
      place,
      cast.app,
    ];
    redraw(nav, looks, () =>
      el(
        'div',
        {},
        groups(channels).map((group) => section(group, place)),
        apps(place),
      ),
    );
  }

  function keys(event) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step) return;
    const links = Array.from(nav.querySelectorAll('a, summary')).filter((link) => link.checkVisibility());
    const next = links[links.indexOf(document.activeElement) + step];
    if (!next) return;
    event.preventDefault();
    next.focus();
  }
}

function groups(channels) {
  const living = channels.filter(({ archived, kind }) => !archived && kind !== 'dm');
  return [
    { title: 'Channels', list: living.filter(({ kind }) => kind !== 'room') },
    { title: 'Rooms', list: living.filter(({ kind }) => kind === 'room'), nothing: 'No customer has one open' },
    { title: 'Closed rooms', list: channels.filter(({ archived }) => archived), folded: true },
  ].filter(({ list, nothing }) => list.length > 0 || nothing);
}

function section({ title, list, nothing, folded }, place) {
  const rows = list.map((channel) => el('li', {}, entry(channel, place)));
  const inside = list.length > 0 ? el('ul', {}, rows) : el('p', { class: 'nothing' }, nothing);
  if (!folded) return [el('h2', {}, title), inside];
  const open = list.some(({ id }) => id === place);
  return el('details', { open }, el('summary', { 'data-key': title }, `${title} (${list.length})`), inside);
}

function entry(channel, place) {
  const { id, name, archived, members } = channel;
  const unread = isUnread(channel);
  const outside = !members.includes(agent().user);
  const kind = [unread && 'unread', archived && 'archived', outside && 'outside'].filter(Boolean).join(' ');
  return el(
    'a',
    { href: hashOf(id), class: kind, 'aria-current': id === place ? 'page' : null, 'data-key': id },
    el('span', { class: 'sign' }, channel.private ? drawing('lock') : '#'),
    el('span', {}, name),
    unread && el('span', { class: 'dot', role: 'img', 'aria-label': 'new messages' }),
  );
}

function apps(place) {
  const { app } = state.cast;
  const dm = state.channels.find(({ kind }) => kind === 'dm');
  const here = place === HOME || (dm && place === dm.id);
  const unread = dm && isUnread(dm);
  const link = el(
    'a',
    {
      href: hashOf(unread ? dm.id : HOME),
      'aria-current': here ? 'page' : null,
      'data-key': HOME,
      class: unread ? 'unread' : null,
    },
    face(app),
    el('span', {}, app.name),
    unread && el('span', { class: 'dot', role: 'img', 'aria-label': 'new messages' }),
  );
  return [el('h2', {}, 'Apps'), el('ul', {}, el('li', {}, link))];
}
