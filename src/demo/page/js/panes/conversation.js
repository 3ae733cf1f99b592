/** A channel or DM with its threads: messages, and where one writes. Both sides of the page have one. */

import { act } from '../data/server.js';
import { named } from '../data/named.js';
import { state } from '../data/state.js';
import { el, mark, redraw } from '../show/dom.js';
import { drawing } from '../show/icons.js';
import { toast } from '../show/toast.js';
import { typed } from '../text/typed.js';
import { composer } from './composer.js';
import { log } from './log.js';
import { upload } from './upload.js';

/**
 * What is shown: who looks, at which channel, at which thread of it.
 * @typedef {{who: {team: string, user: string}, channel: string, name: string, messages: any[], thread: string | null,
 *   closed: string | null, command?: string, shortcuts?: any[]}} View
 *
 * @param {{open: (thread: string | null) => void, redraw: () => void}} how
 */
export function conversation({ open, redraw: again }) {
  /** @type {View} */
  let view;
  /** The message that is being edited. */
  let editing = null;
  /** Where one wants to write, as soon as it is there. */
  let wanted = null;
  const main = column('Messages', () => null);
  const also = el('input', { type: 'checkbox' });
  const alsoLabel = el('label', { class: 'box also' }, also, el('span'));
  const side = column('Thread', () => view.thread, alsoLabel);
  const close = el(
    'button',
    { type: 'button', class: 'quiet', 'aria-label': 'Close thread', onclick: () => leave() },
    drawing('close'),
  );
  const thread = el(
    'section',
    { class: 'thread', 'aria-label': 'Thread', onkeydown: escape },
    el('header', {}, el('h3', {}, 'Thread'), close),
    side.element,
  );
  const element = el('div', { class: 'conversation' }, main.element, thread);
  return { element, draw };

  /** @param {View} next */
  function draw(next) {
    if (view?.thread !== next.thread || view?.channel !== next.channel) editing = null;
    view = next;
    const visible = view.messages.filter((message) => !message.deleted || replies(message.ts).length > 0);
    main.draw(visible.filter(isInChannel), view.channel, `Message ${view.name}`, true);
    drawThread(view.messages.find(({ ts }) => ts === view.thread));
    const field = wanted && element.querySelector(wanted);
    if (!field?.checkVisibility()) return;
    field.focus();
    wanted = null;
  }

  function drawThread(root) {
    element.classList.toggle('with-thread', Boolean(root));
    mark(thread, 'hidden', !root);
    if (!root) return;
    redraw(alsoLabel.lastChild, view.name, () => el('span', {}, `Also send to ${view.name}`));
    const inside = [
      root,
      ...view.messages.filter((message) => isReply(message) && message.thread_ts === view.thread && !message.deleted),
    ];
    side.draw(inside, `${view.channel}/${view.thread}`, 'Reply in thread', false);
  }

  function column(label, threadOf, extra) {
    const list = log(label);
    const box = composer({ send: (what) => send(what, threadOf()), known, extra, editLast: () => editLast(threadOf()) });
    const element = el('div', { class: 'column' }, list.element, box.element);
    return {
      element,
      field: box.field,
      draw: (messages, place, label, counts) => {
        const around = (message) => aroundOf(message, counts ? replies(message.ts) : undefined);
        list.draw(place, messages, around, [view.who, view.closed]);
        box.draw(place, label, view.closed);
      },
    };
  }

  function aroundOf(message, answers) {
    const { who, channel, shortcuts, closed } = view;
    return {
      who,
      channel,
      shortcuts,
      closed: Boolean(closed),
      replies: answers,
      editing: editing === message.ts,
      thread: message.ephemeral || isReply(message) ? undefined : () => enter(message.ts),
      edit: (begin) => edit(begin ? message.ts : null),
    };
  }

  function edit(ts) {
    editing = ts;
    wanted = ts ? '[data-key=editor]' : '[data-key=composer]';
    again();
  }

  function editLast(threadTs) {
    const own = view.messages.filter((message) => message.user === view.who.user && !message.deleted && !message.ephemeral);
    const last = own.findLast((message) => (threadTs ? message.thread_ts === threadTs : isInChannel(message)));
    if (last) edit(last.ts);
  }

  function replies(ts) {
    return view.messages.filter((message) => isReply(message) && message.thread_ts === ts && !message.deleted);
  }

  function enter(ts) {
    wanted = '.thread [data-key=composer]';
    open(ts);
  }

  function leave() {
    open(null);
    main.field.focus();
  }

  function escape(event) {
    if (event.key === 'Escape' && !event.defaultPrevented && !editing) leave();
  }

  function known() {
    const { people, channels } = named(view.who.team);
    const names = (list) => list.map(({ name }) => name);
    const commands = view.command ? state.cast.commands : [];
    const customers = names(state.cast.customers);
    return { command: view.command ?? '', commands, customers, people: names(people), channels: names(channels) };
  }

  async function send({ text, files }, threadTs) {
    const { who, channel } = view;
    if (text.startsWith('/')) return slash(text, threadTs);
    const said = typed(text, named(who.team));
    const broadcast = threadTs ? also.checked : undefined;
    also.checked = false;
    if (files.length > 0) return upload(who, files, { channel, text: said, thread_ts: threadTs ?? undefined });
    return Boolean(await act(who, { do: 'say', channel, text: said, thread_ts: threadTs ?? undefined, broadcast }));
  }

  async function slash(text, threadTs) {
    const { who, channel, command } = view;
    const [name] = text.split(/\s/, 1);
    if (name !== command) {
      toast(`There is no command ${name} here. Begin with a space to write it as a message.`);
      return false;
    }
    if (threadTs) {
      toast('Slack takes no commands in threads.');
      return false;
    }
    const rest = typed(text.slice(name.length).trim(), { ...named(who.team), labels: true });
    return Boolean(await act(who, { do: 'command', channel, text: rest }));
  }
}

function isReply({ ts, thread_ts: thread }) {
  return Boolean(thread) && thread !== ts;
}

function isInChannel(message) {
  return !isReply(message) || message.subtype === 'thread_broadcast';
}
