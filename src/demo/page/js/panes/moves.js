/** What moves: how things stand, what waits, what can be broken, and every call as it happens. */

import { state } from '../data/state.js';
import { el, redraw, sync } from '../show/dom.js';
import { switches } from './switches.js';

/** Who has control, in words. */
const WHO = { human: 'a human', bot: 'the bot', pending: 'nobody yet' };
const STOPPED = 'Megatron is stopped. What is said now is kept by Slack and the bot.';

/** @param {HTMLElement} pane */
export function movesPane(pane) {
  const control = el('div');
  const lanes = el('div');
  const list = el('div', { class: 'moves', role: 'region', 'aria-label': 'Calls', tabindex: 0 });
  const word = el('input', {
    type: 'search',
    'aria-label': 'Show only calls with this word',
    placeholder: 'Filter',
    oninput: drawMoves,
  });
  const broken = el('div');
  const drawSwitches = switches(broken);
  pane.append(
    el('h2', {}, 'What moves'),
    broken,
    el('h3', {}, 'Who answers'),
    control,
    el('h3', {}, 'What waits'),
    lanes,
    el('div', { class: 'row' }, el('h3', {}, 'Calls'), word),
    list,
  );
  return draw;

  function draw() {
    if (!state.cast) return;
    drawSwitches();
    redraw(control, [state.control, state.switches.service], controlTable);
    redraw(lanes, [state.lanes, state.switches.service], laneTable);
    drawMoves();
  }

  function drawMoves() {
    const wanted = word.value.trim().toLowerCase();
    const fits = ({ from, to, what, status }) => `${from} ${to} ${what} ${status}`.toLowerCase().includes(wanted);
    const shown = state.moves.filter(fits).reverse();
    sync(list, shown, { key: ({ n }) => String(n), looks: ({ n, status }) => [n, status], make: row });
  }
}

function isStopped() {
  return state.switches.service === 'stopped';
}

function controlTable() {
  const { control, cast } = state;
  if (control.length === 0) return el('p', { class: 'nothing' }, isStopped() ? STOPPED : 'Nobody has written so far.');
  const name = (user) => cast.people[user]?.name ?? user;
  const rows = control.map(({ customer, holder, paused, epoch, room, waiting }) =>
    el(
      'tr',
      {},
      el('th', { scope: 'row' }, name(customer)),
      el('td', {}, waiting ? 'waits for a human' : (WHO[holder] ?? holder)),
      el('td', {}, paused ? 'is paused' : 'answers'),
      el('td', {}, epoch),
      el('td', {}, room ? (state.channels.find(({ id }) => id === room)?.name ?? room) : '–'),
    ),
  );
  return table(['Customer', 'Control', 'The bot', 'Epoch', 'Room'], rows);
}

function laneTable() {
  const waiting = state.lanes.filter((lane) => lane.waiting > 0);
  if (waiting.length === 0) return el('p', { class: 'nothing' }, isStopped() ? STOPPED : 'Nothing: all is delivered.');
  const until = (at) => (at ? new Date(at).toLocaleTimeString('en-GB') : '–');
  const rows = waiting.map(({ lane, about, waiting, what, next_at: next }) =>
    el(
      'tr',
      {},
      el('th', { scope: 'row', title: lane }, named(lane, about)),
      el('td', {}, waiting),
      el('td', {}, what),
      el('td', {}, until(next)),
    ),
  );
  return table(['Lane', 'Waiting', 'Next', 'Not before'], rows);
}

/** Whom a lane is about says more than an id. */
function named(lane, about) {
  return lane.replace(/[\w-]{20,}/, (id) => about ?? `…${id.slice(-4)}`);
}

function table(heads, rows) {
  return el(
    'table',
    {},
    el(
      'thead',
      {},
      el(
        'tr',
        {},
        heads.map((head) => el('th', { scope: 'col' }, head)),
      ),
    ),
    el('tbody', {}, rows),
  );
}

function row(move) {
  const bad = typeof move.status === 'number' ? move.status >= 400 : !/^(ok|acknowledged|\s*)$/i.test(String(move.status ?? ''));
  const details = el(
    'details',
    { class: 'move' },
    el(
      'summary',
      {},
      el('time', {}, new Date(move.at).toLocaleTimeString('en-GB')),
      el('span', { class: 'way' }, `${move.from} → ${move.to}`),
      el('strong', {}, move.what),
      el('span', { class: bad ? 'status bad' : 'status' }, move.status),
      move.took_ms === null ? null : el('small', {}, `${move.took_ms} ms`),
    ),
  );
  // A long list is drawn quickly when only what is looked at is written out.
  details.addEventListener('toggle', () => details.childElementCount === 1 && details.append(...written(move.detail)));
  return details;
}

function written(detail) {
  const part = (name, value) =>
    value === undefined || value === null
      ? []
      : [el('h4', {}, name), el('pre', { tabindex: 0 }, typeof value === 'string' ? value : JSON.stringify(value, null, 2))];
  return [...part('Request', detail?.request), ...part('Answer', detail?.answer)];
}
