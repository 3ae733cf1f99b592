/** What is around the panes: light or dark, the panel of what moves, and on a phone one pane at a time. */

import { keep, recall } from '../data/kept.js';
import { self, customer, agent } from '../data/self.js';
import { state } from '../data/state.js';
import { mark } from '../show/dom.js';

const THEMES = ['light', 'dark'];

export function frame() {
  const root = document.documentElement;
  const theme = document.getElementById('theme');
  theme.addEventListener('click', () => {
    const now = root.dataset.theme ?? (matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light');
    root.dataset.theme = THEMES.find((one) => one !== now);
    keep('theme', root.dataset.theme);
  });

  const panel = document.getElementById('show-moves');
  const show = (open) => {
    root.classList.toggle('moves-open', open);
    mark(panel, 'aria-expanded', String(open));
    keep('moves', open);
  };
  panel.addEventListener('click', () => show(!root.classList.contains('moves-open')));
  show(recall('moves', innerWidth > 1500));

  for (const tab of document.querySelectorAll('#tabs button')) tab.addEventListener('click', () => turnTo(tab.value));
  // Whoever follows a link to a channel wants to see it.
  addEventListener('hashchange', () => turnTo('agent'));
  turnTo('customer');
  return draw;

  function draw() {
    const names = { customer: customer()?.name, agent: agent()?.name };
    for (const tab of document.querySelectorAll('#tabs button')) if (names[tab.value]) tab.textContent = names[tab.value];
    mark(document.getElementById('lost'), 'hidden', state.connected);
    const broken = state.switches.slack !== 'ok' || state.switches.bot !== 'ok' || state.switches.service !== 'running';
    panel.classList.toggle('broken', broken);
    document.title = `${names.customer ?? self.customer} and ${names.agent ?? self.agent} · Megatron`;
  }
}

/**
 * Shows one pane where there is room for one only.
 * @param {"customer" | "agent" | "moves"} pane
 */
export function turnTo(pane) {
  document.documentElement.dataset.pane = pane;
  for (const tab of document.querySelectorAll('#tabs button')) mark(tab, 'aria-pressed', String(tab.value === pane));
}
