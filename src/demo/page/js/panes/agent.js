/** The right side: the company's Slack, as the agent sees it. */

import { act } from '../data/server.js';
import { addressOf, agent, channel } from '../data/self.js';
import { state } from '../data/state.js';
import { look } from '../data/unread.js';
import { HOME, go, hashOf, where } from '../data/where.js';
import { el, mark, redraw } from '../show/dom.js';
import { drawing } from '../show/icons.js';
import { menuButton } from '../show/menu.js';
import { words } from '../show/text.js';
import { conversation } from './conversation.js';
import { face } from './customer.js';
import { home } from './home.js';
import { sidebar } from './sidebar.js';

/**
 * @param {HTMLElement} pane
 * @param {() => void} again
 */
export function agentPane(pane, again) {
  const talk = conversation({ open: (ts) => go(where().place, ts), redraw: again });
  const top = el('div');
  const nav = el('nav', { class: 'sidebar', 'aria-label': 'Channels' });
  const heading = el('div');
  const tab = el('div', { class: 'home', tabindex: 0, role: 'region', 'aria-label': 'Home' });
  const list = sidebar(nav);
  const drawHome = home(tab);
  pane.append(top, el('div', { class: 'split' }, nav, el('div', { class: 'place' }, heading, tab, talk.element)));
  addEventListener('hashchange', () => pane.classList.toggle('list', location.hash === '#list'));
  return draw;

  function draw() {
    const one = agent();
    if (!one || state.channels.length === 0) return;
    const { place, thread } = where();
    const at = channel(place);
    look(place);
    redraw(top, [one, state.cast], () => workspace(one));
    list(place);
    redraw(heading, [at && { ...at, last_ts: '', count: 0 }, place, dmOf()?.id], () =>
      at && at.kind !== 'dm' ? channelTop(at, one) : appTop(place),
    );
    mark(tab, 'hidden', place !== HOME);
    mark(talk.element, 'hidden', place === HOME);
    if (place === HOME) return drawHome(one);
    talk.draw({
      who: { team: one.team, user: one.user },
      channel: place,
      name: at.kind === 'dm' ? state.cast.app.name : `#${at.name}`,
      messages: state.messages.get(place) ?? [],
      thread,
      closed: closedBecause(at, one),
      command: state.cast.command,
      shortcuts: state.cast.message_shortcuts,
    });
  }
}

function dmOf() {
  return state.channels.find(({ kind }) => kind === 'dm');
}

function closedBecause({ archived, members, name }, { user }) {
  if (archived) return `#${name} is archived.`;
  return members.includes(user) ? null : `You are not in #${name}.`;
}

function workspace(one) {
  const { cast } = state;
  const company = cast.workspaces.find(({ team }) => team === one.team);
  const others = cast.agents.filter(({ user }) => user !== one.user);
  const items = () =>
    others.map(({ user, real_name: name, is_admin: admin }) => ({
      label: `Be ${name}`,
      hint: admin ? 'administrator' : '',
      run: () => location.assign(addressOf({ agent: user }) + location.hash),
    }));
  const who = { team: one.team, user: one.user };
  const shortcuts = () =>
    cast.global_shortcuts.map(({ callback_id, name }) => ({
      label: name,
      run: () => act(who, { do: 'global_shortcut', callback_id }),
    }));
  return el(
    'header',
    { class: 'pane-top' },
    el(
      'div',
      { class: 'workspace' },
      el('strong', {}, company?.name),
      el(
        'span',
        { class: 'row' },
        cast.global_shortcuts.length > 0 &&
          menuButton('Shortcuts', drawing('bolt'), shortcuts, { class: 'quiet', 'data-key': 'shortcuts' }),
        menuButton(`You are ${one.name}. Be another agent`, [face(one), el('span', {}, one.name), drawing('down')], items, {
          class: 'quiet person',
          'data-key': 'agents',
        }),
      ),
    ),
  );
}

function channelTop(at, one) {
  const inside = at.members.includes(one.user);
  const join = () => act({ team: one.team, user: one.user }, { do: 'join', channel: at.id });
  const people = at.members.length === 1 ? '1 member' : `${at.members.length} members`;
  return el(
    'header',
    { class: 'title' },
    back(),
    el('h2', {}, at.private ? drawing('lock') : '#', at.name),
    at.topic && el('span', { class: 'topic' }, words(at.topic)),
    el('small', { title: at.members.map((id) => state.cast.people[id]?.name ?? id).join(', ') }, people),
    !inside &&
      !at.archived &&
      !at.private &&
      el('button', { type: 'button', class: 'primary', 'data-key': 'join', onclick: join }, 'Join'),
  );
}

function appTop(place) {
  const { app } = state.cast;
  const dm = dmOf();
  const tab = (to, name) => el('a', { href: hashOf(to), 'aria-current': place === to ? 'page' : null, 'data-key': to }, name);
  return el(
    'header',
    { class: 'title' },
    back(),
    face(app),
    el('h2', {}, app.name),
    el('nav', { class: 'tabs', 'aria-label': app.name }, tab(HOME, 'Home'), dm && tab(dm.id, 'Messages')),
  );
}

/** On a narrow page the list and the place take turns. */
function back() {
  return el('a', { class: 'back quiet', href: '#list', 'aria-label': 'All channels' }, drawing('back'));
}
