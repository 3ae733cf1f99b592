/** Listens to the server, and says when the page is to be drawn. */

import { begin, state, take } from './state.js';
import { self } from './self.js';

/**
 * @param {() => void} changed called at most once before each repaint
 */
export function listen(changed) {
  let asked = false;
  const soon = () => {
    if (asked) return;
    asked = true;
    requestAnimationFrame(() => {
      asked = false;
      changed();
    });
  };
  const source = new EventSource(`/demo/state?${new URLSearchParams(self)}`);
  source.onopen = () => begin(state);
  source.onmessage = ({ data }) => {
    take(state, JSON.parse(data));
    soon();
  };
  source.onerror = () => {
    state.connected = false;
    soon();
  };
  return soon;
}
