/** The left side: the customer's Slack, with the bot's DM. */

import { addressOf, customer, pictureOf } from '../data/self.js';
import { state } from '../data/state.js';
import { el, redraw } from '../show/dom.js';
import { drawing } from '../show/icons.js';
import { menuButton } from '../show/menu.js';
import { portrait } from '../show/picture.js';
import { conversation } from './conversation.js';

/**
 * @param {HTMLElement} pane
 * @param {() => void} again
 */
export function customerPane(pane, again) {
  let thread = null;
  const open = (ts) => {
    thread = ts;
    again();
  };
  const talk = conversation({ open, redraw: again });
  const top = el('div');
  pane.append(top, talk.element);
  return draw;

  function draw() {
    const one = customer();
    if (!one) return;
    const { cast, dm } = state;
    redraw(top, [one, cast.customers, cast.workspaces], () => heading(one));
    const who = { team: one.team, user: one.user };
    talk.draw({ who, channel: dm.id || one.dm, name: cast.bot.name, messages: dm.messages, thread, closed: null });
  }
}

function heading(one) {
  const { cast } = state;
  const workspace = cast.workspaces.find(({ team }) => team === one.team);
  const others = cast.customers.filter(({ user }) => user !== one.user);
  const items = () =>
    others.map(({ user, real_name: name }) => ({
      label: `Be ${name}`,
      run: () => location.assign(addressOf({ customer: user }) + location.hash),
    }));
  return el(
    'header',
    { class: 'pane-top' },
    el(
      'div',
      { class: 'workspace' },
      el('strong', {}, workspace?.name),
      menuButton(`You are ${one.name}. Be another customer`, [face(one), el('span', {}, one.name), drawing('down')], items, {
        class: 'quiet person',
      }),
    ),
    el('div', { class: 'title' }, face(cast.bot), el('h2', {}, cast.bot.name), el('span', { class: 'badge' }, 'APP')),
  );
}

/** Somebody's picture. */
export function face({ user, name }) {
  return portrait(name, pictureOf(user));
}
