/** One message: who, when, what, and what can be done with it. */

import { pictureOf } from '../data/self.js';
import { act } from '../data/server.js';
import { clock } from '../text/dates.js';
import { attachments } from './attachments.js';
import { blocks } from './blocks.js';
import { el } from './dom.js';
import { editor } from './editor.js';
import { address, files } from './files.js';
import { portrait } from './picture.js';
import { reactions, tools } from './tools.js';
import { words } from './text.js';

/**
 * @typedef {{ts: string, user: string, author: string, icon: string | null, by_app: boolean, text: string, blocks: any[] | null,
 *   attachments: any[] | null, files: any[] | null, subtype: string, thread_ts: string | null, reactions: [string, string[]][],
 *   edited: boolean, ephemeral: boolean, deleted: boolean}} Message
 *
 * What a message is shown with.
 * @typedef {{who: {team: string, user: string}, channel: string, replies?: Message[], editing?: boolean, thread?: () => void,
 *   edit?: (begin: boolean) => void, shortcuts?: {callback_id: string, name: string}[], closed?: boolean}} Around
 */

/**
 * @param {Message} message
 * @param {Around} around
 */
export function drawMessage(message, around) {
  const time = clock(Number(message.ts));
  const attributes = { tabindex: -1, 'data-ts': message.ts, 'data-key': 'message' };
  if (isNotice(message)) {
    return el(
      'article',
      { ...attributes, class: 'message notice', 'aria-label': `${message.author}, ${time}` },
      words(message.text),
    );
  }
  return el(
    'article',
    {
      ...attributes,
      class: message.ephemeral ? 'message ephemeral' : 'message',
      'aria-label': `${message.author}, ${time}${message.ephemeral ? ', only visible to you' : ''}`,
    },
    portrait(message.author, message.icon ?? pictureOf(message.user)),
    el(
      'div',
      { class: 'body' },
      message.ephemeral && el('div', { class: 'aside' }, 'Only visible to you'),
      message.subtype === 'thread_broadcast' && el('div', { class: 'aside' }, 'also sent to the channel, from a thread'),
      el(
        'div',
        { class: 'who' },
        el('strong', {}, message.author),
        isApp(message) && el('span', { class: 'badge' }, 'APP'),
        el('time', { datetime: new Date(message.ts * 1000).toISOString() }, time),
      ),
      around.editing ? editor(message, around) : content(message, around),
      around.replies?.length ? summary(around) : null,
    ),
    around.editing || around.closed ? null : tools(message, around),
  );
}

/** Slack's own lines: somebody joined, the topic was set. */
export function isNotice({ subtype }) {
  return /^(channel|group)_/.test(subtype);
}

function isApp({ by_app: byApp, subtype }) {
  return byApp || subtype === 'bot_message';
}

function content(message, around) {
  if (message.deleted || message.subtype === 'tombstone') return el('div', { class: 'gone' }, 'This message was deleted.');
  const host = hostOf(message, around);
  const shown = message.blocks?.length ? blocks(message.blocks, host) : el('div', { class: 'block' }, words(message.text));
  return [
    el('div', { class: 'content' }, shown, message.edited && el('small', { class: 'edited' }, '(edited)')),
    attachments(message.attachments, host),
    message.files?.length ? el('div', { class: 'files' }, files(message.files, around.who.team)) : null,
    message.reactions.length ? reactions(message, around) : null,
  ];
}

function hostOf({ ts, ephemeral }, { who, channel }) {
  const spot = ephemeral ? { ephemeral: { channel, ts } } : { message: { channel, ts } };
  return {
    act: (action_id, value) => act(who, { do: 'click', spot, action_id, value }),
    options: (action_id, query) => act(who, { do: 'options', spot, action_id, query }),
    file: (id) => address(who.team, id),
  };
}

function summary({ replies, thread }) {
  const last = replies.at(-1);
  const faces = [...new Map(replies.map((reply) => [reply.author, reply])).values()].slice(0, 3);
  const count = replies.length === 1 ? '1 reply' : `${replies.length} replies`;
  return el(
    'button',
    { type: 'button', class: 'replies', 'data-key': 'replies', onclick: thread },
    faces.map((reply) => portrait(reply.author, reply.icon ?? pictureOf(reply.user))),
    el('span', {}, count),
    el('small', {}, `last at ${clock(Number(last.ts))}`),
  );
}
