/** The guided tour: a small card that says what to do next, points at it, and does it if one likes. */

import { keep, recall } from '../data/kept.js';
import { act } from '../data/server.js';
import { agent, customer } from '../data/self.js';
import { state } from '../data/state.js';
import { go, where } from '../data/where.js';
import { turnTo } from '../panes/frame.js';
import { el, mark, redraw } from '../show/dom.js';
import { drawing } from '../show/icons.js';
import { STEPS, newest, progress, told } from './steps.js';

const END = {
  title: 'Expense Bot is back',
  text: 'That is it. Break something next: open “What moves”, let Slack answer 429 or stop Megatron while both sides write, and see that nothing is lost.',
};

/**
 * @param {HTMLElement} card
 * @param {() => void} again
 */
export function tour(card, again) {
  let { since, skipped, closed } = recall('tour', { since: {}, skipped: [], closed: false });
  /** The step that is shown, if one looks back. */
  let back = null;
  let before = null;
  /** The step is being done, up to what is seen of it; a part of it is on its way. */
  let busy = false;
  let sending = false;
  let last = '';
  document.getElementById('show-tour').addEventListener('click', () => set({ closed: !closed }));
  return draw;

  function set(change) {
    ({ since, skipped, closed } = { since, skipped, closed, ...change });
    keep('tour', { since, skipped, closed });
    again();
  }

  function play() {
    return { customer: customer(), agent: agent(), since };
  }

  function draw() {
    const done = progress(state, play(), skipped);
    if (before !== null && done !== before) {
      back = null;
      // Who does it all by hand is not led away from where they are.
      if (busy) follow(done);
      busy = false;
    }
    before = done;
    if (busy && !sending && STEPS[done]?.goesOn?.(state, play())) goOn(done);
    const at = back ?? done;
    mark(card, 'hidden', closed);
    document.querySelector('.pointed-at')?.classList.remove('pointed-at');
    if (closed) return;
    redraw(card, [at, done, busy], () => (at < STEPS.length ? step(at, done) : end()));
    if (at === done && at < STEPS.length) pointAt(STEPS[at]);
  }

  /** Marks where the step is done; or the way there. */
  function pointAt({ act, where: target }) {
    const { look } = act(state, play());
    const way = look && look !== where().place ? `nav [data-key="${look}"]` : target;
    document.querySelector(way)?.classList.add('pointed-at');
  }

  /** Goes along to where the next step is. */
  function follow(done) {
    if (closed || done >= STEPS.length) return;
    const { look } = STEPS[done].act(state, play());
    if (look && look !== where().place) go(look);
    turnTo(STEPS[done].pane);
  }

  function step(at, done) {
    const isPast = at < done;
    const next = isPast ? [button('Next', 'do', () => look(at + 1 === done ? null : at + 1), 'primary')] : open(at);
    return drawn(`Step ${at + 1} of ${STEPS.length}${isPast ? ', done' : ''}`, STEPS[at], [...(at > 0 ? past(at) : []), ...next]);
  }

  function past(at) {
    return [button('Restart', 'again', restart), button('Back', 'back', () => look(at - 1))];
  }

  function open(at) {
    const skip = button('Skip', 'skip', () => set({ skipped: [...skipped, at] }));
    return [skip, button('Do it for me', 'do', () => perform(at), 'primary', busy)];
  }

  function end() {
    return drawn('The end', END, [button('Back', 'back', () => look(STEPS.length - 1)), button('Start again', 'again', restart)]);
  }

  function drawn(small, { title, text }, buttons) {
    const close = el(
      'button',
      {
        type: 'button',
        class: 'quiet',
        'aria-label': 'Close the tour',
        'data-key': 'close-tour',
        onclick: () => set({ closed: true }),
      },
      drawing('close'),
    );
    return el(
      'div',
      {},
      el('h2', {}, el('small', {}, small), told(title, play())),
      el('p', {}, told(text, play())),
      el('footer', {}, buttons, close),
    );
  }

  function look(at) {
    back = at;
    again();
  }

  function restart() {
    back = null;
    set({ since: newest(state), skipped: [] });
  }

  /** Does the rest of a step, unless that is on its way and not yet seen. */
  function goOn(at) {
    if (JSON.stringify(STEPS[at].act(state, play()).what) !== last) perform(at);
  }

  async function perform(at) {
    if (sending) return;
    [busy, sending] = [true, true];
    again();
    const { by, what, look: place, thread } = STEPS[at].act(state, play());
    if (place) go(place, thread);
    turnTo(STEPS[at].pane);
    // It is done when it is seen, not when it is sent.
    last = JSON.stringify(what);
    if (!(await act({ team: by.team, user: by.user }, what))) busy = false;
    sending = false;
    again();
  }
}

function button(label, key, onclick, kind = 'quiet', busy = false) {
  return el('button', { type: 'button', class: kind, 'data-key': key, 'aria-busy': busy ? 'true' : null, onclick }, label);
}
