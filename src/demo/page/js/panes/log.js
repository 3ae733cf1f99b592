/** The messages of a channel or of a thread. New ones are read aloud; arrow keys go from one to the next. */

import { state } from '../data/state.js';
import { el, mark, sync } from '../show/dom.js';
import { drawMessage, isNotice } from '../show/message.js';

/** Messages of one author within this time stand under one name, in seconds. */
const TOGETHER = 300;
/** So near to the end one follows what is new, in pixels. */
const NEAR = 80;

export function log(label) {
  const element = el('div', {
    class: 'log',
    role: 'log',
    'aria-label': label,
    'aria-live': 'polite',
    tabindex: 0,
    onkeydown: keys,
  });
  let shown = '';
  /** Whether one follows what is new, because one has not scrolled up. */
  let follows = true;
  let newest;
  element.addEventListener('scroll', () => (follows = element.scrollHeight - element.scrollTop - element.clientHeight < NEAR));
  new ResizeObserver(() => follow()).observe(element);
  return { element, draw };

  function follow() {
    if (follows) element.scrollTop = element.scrollHeight;
  }

  /**
   * @param {string} place names what is shown; another place begins at its end
   * @param {import("../show/message.js").Message[]} messages
   * @param {(message: any) => import("../show/message.js").Around} around
   * @param {any} looks what else the drawing of all messages depends on
   */
  function draw(place, messages, around, looks) {
    const moved = place !== shown;
    if (moved) {
      // Coming to another place is no news.
      element.setAttribute('aria-live', 'off');
      element.replaceChildren();
      shown = place;
      follows = true;
    }
    const last = messages.at(-1);
    // Whoever writes wants to see it.
    if (last && last.ts !== newest && last.user === around(last).who.user) follows = true;
    newest = last?.ts;
    const all = messages.map((message, at) => ({
      message,
      around: around(message),
      joined: isJoined(message, messages[at - 1]),
    }));
    sync(element, all, {
      key: ({ message }) => message.ts,
      // What is being typed into an editor outlives what happens to the message meanwhile.
      looks: ({ message, around, joined }) =>
        around.editing ? 'editor' : [message, around.replies, joined, looks, state.channels.length],
      make: ({ message, around, joined }) => {
        const article = drawMessage(message, around);
        article.classList.toggle('joined', joined);
        return article;
      },
    });
    if (messages.length === 0) element.append(el('p', { class: 'nothing' }, 'Nothing has been said here so far.'));
    follow();
    if (moved) setTimeout(() => mark(element, 'aria-live', 'polite'));
  }

  function keys(event) {
    const from = event.target;
    if (from !== element && from.getAttribute('data-key') !== 'message') return;
    const articles = Array.from(element.children);
    const at = articles.indexOf(from);
    const step = { ArrowUp: at < 0 ? articles.length - 1 : at - 1, ArrowDown: at + 1, Home: 0, End: articles.length - 1 }[
      event.key
    ];
    if (step === undefined || !articles[step]) return;
    event.preventDefault();
    articles[step].focus();
  }
}

function isJoined(message, before) {
  if (!before || isNotice(before) || isNotice(message) || message.subtype === 'thread_broadcast') return false;
  const same = ['author', 'user', 'by_app', 'ephemeral'].every((field) => message[field] === before[field]);
  return same && !before.deleted && !message.by_app && message.ts - before.ts < TOGETHER;
}
