/** The app's Home tab. */

import { act } from '../data/server.js';
import { state } from '../data/state.js';
import { blocks } from '../show/blocks.js';
import { el, redraw } from '../show/dom.js';
import { address } from '../show/files.js';
import { form } from './form.js';

/** @param {HTMLElement} tab */
export function home(tab) {
  let opened = false;
  addEventListener('hashchange', () => (opened = false));
  return draw;

  /** @param {{team: string, user: string}} one who looks */
  function draw(one) {
    const who = { team: one.team, user: one.user };
    if (!opened) {
      opened = true;
      act(who, { do: 'home' });
    }
    redraw(tab, state.home, () => shown(who));
  }
}

function shown(who) {
  const view = state.home;
  if (!view) return el('p', { class: 'nothing' }, 'Nothing here yet.');
  const { host } = form(view, who);
  return el('div', { class: 'content' }, blocks(view.blocks, { ...host, file: (id) => address(who.team, id) }));
}
