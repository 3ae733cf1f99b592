import assert from 'node:assert/strict';
import { test } from 'node:test';

import { completions } from '../../../src/demo/page/js/text/completion.js';
import { typed, untyped } from '../../../src/demo/page/js/text/typed.js';

const PEOPLE = [
  { id: 'U0JANE', name: 'Jane' },
  { id: 'U0JD', name: 'Jane Doe' },
];
const CHANNELS = [{ id: 'C1', name: 'support' }];
const KNOWN = { people: PEOPLE, channels: CHANNELS };

test('what is typed goes out escaped, with mentions and links as tokens', () => {
  assert.equal(
    typed('@Jane Doe & @jane: see https://x.example/a. <b>', KNOWN),
    '<@U0JD> &amp; <@U0JANE>: see <https://x.example/a>. &lt;b&gt;',
  );
  assert.equal(typed('#support, @here, mail@here.example, @Janet', KNOWN), '<#C1|support>, <!here>, mail@here.example, @Janet');
  assert.equal(typed('`@Jane` and @Jane', KNOWN), '`@Jane` and <@U0JANE>');
  assert.equal(typed('open @Jane', { ...KNOWN, labels: true }), 'open <@U0JANE|Jane>');
});

test('what went out can be edited as it was typed', () => {
  const text = '@Jane & @here in #support: https://x.example/a <b>';
  assert.equal(untyped(typed(text, KNOWN), KNOWN), text);
});

const OFFERED = {
  command: '/megatron',
  commands: [
    { usage: 'open <customer>', what: 'opens a room' },
    { usage: 'pause [customer]', what: 'silences the bot' },
    { usage: 'prompts on', what: 'asks in person' },
    { usage: 'list', what: 'who is there' },
  ],
  customers: ['Philippa', 'Phil'],
  people: ['Jane'],
  channels: ['support'],
};
const offered = (text) => completions(text, OFFERED)?.items.map(({ insert }) => insert) ?? [];

test('a slash offers the command, and the command what it can do', () => {
  assert.deepEqual(offered('/'), ['/megatron ']);
  assert.deepEqual(offered('/megatron '), ['open ', 'pause ', 'prompts on', 'list']);
  assert.deepEqual(offered('/megatron p'), ['pause ', 'prompts on']);
  assert.deepEqual(offered('/megatron list'), []);
  assert.deepEqual(completions('/megatron o', OFFERED).items, [
    { insert: 'open ', label: 'open <customer>', hint: 'opens a room' },
  ]);
});

test('customers are offered where a customer is meant, the one who is named in full first', () => {
  assert.deepEqual(offered('/megatron open '), ['Phil', 'Philippa']);
  assert.deepEqual(offered('/megatron open phil'), ['Phil', 'Philippa']);
  assert.deepEqual(offered('/megatron pause phili'), ['Philippa']);
  assert.deepEqual(offered('/megatron list phil'), []);
});

test('people, channels and emoji are offered behind their signs', () => {
  assert.deepEqual(offered('hello @ja'), ['@Jane ']);
  assert.deepEqual(offered('see #su'), ['#support ']);
  assert.deepEqual(offered('so :tad'), ['🎉 ']);
  assert.deepEqual(offered('mail@ja'), []);
});
