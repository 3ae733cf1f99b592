/** What can be done with a message: react, answer in a thread, edit, delete, the app's shortcuts. */

import { person } from '../data/self.js';
import { act } from '../data/server.js';
import { emoji, names } from '../text/emoji.js';
import { ask } from './ask.js';
import { choose } from './choose.js';
import { el } from './dom.js';
import { drawing } from './icons.js';
import { menuButton } from './menu.js';

/** The bar beside a message. */
export function tools(message, around) {
  const items = more(message, around);
  if (message.ephemeral || message.deleted || message.subtype === 'tombstone') return null;
  return el(
    'div',
    { class: 'tools', role: 'group', 'aria-label': 'Do something with this message' },
    reactButton(message, around),
    around.thread && tool('reply', 'Reply in thread', around.thread),
    items.length ? menuButton('More actions', drawing('more'), () => items, { class: 'quiet', 'data-key': 'more' }) : null,
  );
}

function tool(name, label, onclick) {
  return el(
    'button',
    { type: 'button', class: 'quiet', 'data-key': name, 'aria-label': label, title: label, onclick },
    drawing(name),
  );
}

function more({ ts, user }, { who, channel, edit, shortcuts = [] }) {
  const of = { do: 'message_shortcut', channel, ts };
  const offered = shortcuts.map(({ callback_id, name }) => ({ label: name, run: () => act(who, { ...of, callback_id }) }));
  if (user !== who.user) return offered;
  const remove = async () => {
    if (await ask({ title: 'Delete this message?', confirm: 'Delete', style: 'danger' }))
      await act(who, { do: 'delete', channel, ts });
  };
  return [...offered, { label: 'Edit message', run: () => edit(true) }, { label: 'Delete message', danger: true, run: remove }];
}

function reactButton(message, around) {
  const label = 'Add reaction';
  const groups = (query) => {
    const fitting = names().filter((name) => name.includes(query.toLowerCase()));
    return [{ options: fitting.map((name) => ({ label: emoji(name), hint: name, value: name })) }];
  };
  const open = (event) =>
    choose(event.currentTarget, { label, grid: true, groups, pick: (name) => toggle(message, around, name) });
  return el(
    'button',
    {
      type: 'button',
      class: 'quiet',
      'data-key': 'react',
      'aria-haspopup': 'listbox',
      'aria-expanded': 'false',
      'aria-label': label,
      title: label,
      onclick: open,
    },
    drawing('smile'),
  );
}

/** The reactions below a message; a click adds one's own or takes it back. */
export function reactions(message, around) {
  return el(
    'div',
    { class: 'reactions', role: 'group', 'aria-label': 'Reactions' },
    message.reactions.map(([name, ids]) => {
      const by = ids.map((id) => person(id)?.name ?? id).join(', ');
      const own = ids.includes(around.who.user);
      const attributes = {
        'data-key': `reaction-${name}`,
        'aria-pressed': String(own),
        title: by,
        'aria-label': `${name}, ${ids.length}, by ${by}`,
      };
      const sign = el('span', { class: 'emoji' }, emoji(name) ?? `:${name}:`);
      return el(
        'button',
        { type: 'button', ...attributes, disabled: around.closed, onclick: () => toggle(message, around, name) },
        sign,
        ` ${ids.length}`,
      );
    }),
  );
}

function toggle({ ts, reactions }, { who, channel }, name) {
  const own = reactions.some(([given, ids]) => given === name && ids.includes(who.user));
  return act(who, { do: 'react', channel, ts, name, add: !own });
}
