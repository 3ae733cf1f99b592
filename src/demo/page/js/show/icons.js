/** The line drawings. */

import { icon } from './dom.js';

const DRAWINGS = {
  smile: 'M10 2a8 8 0 1 0 0 16 8 8 0 0 0 0-16M7 8v.5M13 8v.5M6.5 12a4 4 0 0 0 7 0',
  reply: 'M3 4h14v9h-7l-4 3v-3H3z',
  more: 'M4.5 10h.01M10 10h.01M15.5 10h.01',
  bolt: 'M11 2 4 11.5h5L8.5 18 16 8.5h-5z',
  attach: 'm15.5 9-6 6a3.5 3.5 0 0 1-5-5l6.5-6.5a2.3 2.3 0 0 1 3.3 3.3L8 13.2a1.1 1.1 0 0 1-1.6-1.6l5.6-5.5',
  send: 'M3 3.5 17 10 3 16.5 5.5 10zM5.5 10H11',
  lock: 'M5 9h10v8H5zM7 9V6.5a3 3 0 0 1 6 0V9',
  close: 'M5 5l10 10M15 5 5 15',
  back: 'M12 4l-6 6 6 6',
  down: 'M5 8l5 5 5-5',
};

/** @param {keyof typeof DRAWINGS} name */
export function drawing(name) {
  return icon(DRAWINGS[name]);
}
