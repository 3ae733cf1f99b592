/**
 * The page: listens, and draws every pane whenever something has changed.
 *
 * `data/` is what is known and what is asked of the server, `text/` reads what people and apps write (pure), `show/` draws it,
 * `panes/` are the parts of the page, `tour/` is the guided tour. The page knows nothing of the service: it shows what Slack shows.
 */

import { state } from './data/state.js';
import { listen } from './data/stream.js';
import { agentPane } from './panes/agent.js';
import { customerPane } from './panes/customer.js';
import { frame } from './panes/frame.js';
import { modals } from './panes/modal.js';
import { movesPane } from './panes/moves.js';
import { tour } from './tour/card.js';

let soon = () => {};
const again = () => soon();
const place = (id) => document.getElementById(id);
const panes = [
  frame(),
  customerPane(place('customer'), again),
  agentPane(place('agent'), again),
  movesPane(place('moves')),
  modals(place('modal')),
  tour(place('tour'), again),
];

soon = listen(() => {
  if (!state.cast) return;
  for (const draw of panes) draw();
  document.documentElement.classList.add('ready');
});
addEventListener('hashchange', again);
