/** Switches to break things, and to see that nothing is lost. */

import { turn } from '../data/server.js';
import { state } from '../data/state.js';
import { el, redraw } from '../show/dom.js';

const CHOICES = [
  {
    part: 'slack',
    name: 'Slack',
    states: [
      ['ok', 'works'],
      ['limited', 'answers 429'],
      ['down', 'is down'],
    ],
  },
  {
    part: 'bot',
    name: 'The bot',
    states: [
      ['ok', 'works'],
      ['down', 'is down'],
    ],
  },
  {
    part: 'service',
    name: 'Megatron',
    states: [
      ['running', 'runs'],
      ['stopped', 'is stopped'],
    ],
  },
];

/** @param {HTMLElement} box */
export function switches(box) {
  return () => redraw(box, state.switches, () => el('div', { class: 'switches' }, CHOICES.map(group), restart()));
}

function group({ part, name, states }) {
  const boxes = states.map(([value, label]) =>
    el(
      'label',
      {},
      el('input', {
        type: 'radio',
        name: `switch-${part}`,
        value,
        checked: state.switches[part] === value,
        'data-key': `${part}-${value}`,
        onchange: () => turn({ [part]: value }),
      }),
      el('span', {}, label),
    ),
  );
  return el('fieldset', {}, el('legend', {}, name), boxes);
}

function restart() {
  return el('button', { type: 'button', 'data-key': 'restart', onclick: () => turn({ service: 'restart' }) }, 'Restart Megatron');
}
