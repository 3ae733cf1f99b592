import assert from 'node:assert/strict';
import { test } from 'node:test';

import { STEPS, newest, progress } from '../../../src/demo/page/js/tour/steps.js';

const CAST = {
  agents: [{ user: 'U0JANE', team: 'T1', name: 'Jane' }],
  bot: { user: 'U0EXPENSES' },
};
const PHIL = { user: 'U0PHIL', team: 'T2', dm: 'D0PHIL', name: 'Phil' };

let clock = 0;
const message = (user, text, more = {}) => ({
  ts: String((clock += 1)).padStart(4, '0'),
  user,
  text,
  author: '',
  subtype: '',
  thread_ts: null,
  deleted: false,
  ephemeral: false,
  ...more,
});

/** The stage before the story, and what happens in each of its steps. */
function story() {
  const support = { id: 'C1', name: 'support', kind: 'channel', archived: false, members: ['U0JANE'], last_ts: '' };
  const room = { id: 'C2', name: 'cs-phil', kind: 'room', archived: false, members: ['U0JANE'], last_ts: '' };
  const state = { cast: CAST, dm: { id: 'D0PHIL', messages: [] }, channels: [support], messages: new Map(), control: [] };
  const dm = (...args) => state.dm.messages.push(message(...args));
  const inRoom = (...args) => {
    const said = message(...args);
    state.messages.get('C2').push(said);
    room.last_ts = said.ts;
  };
  const happens = [
    () => {
      for (const text of ['It is stuck.', 'Dana left.']) {
        dm('U0PHIL', text);
        dm('U0EXPENSES', 'I did not understand that.');
      }
    },
    () => {
      state.channels.push(room);
      state.messages.set('C2', []);
      inRoom('', 'It is stuck.', { author: 'Phil' });
    },
    () => state.control.push({ customer: 'U0PHIL', holder: 'human', paused: true, room: 'C2' }),
    () => {
      inRoom('U0JANE', 'I am looking into it.');
      dm('U0EXPENSES', 'I am looking into it.\nsent by Jane');
    },
    () => inRoom('U0JANE', 'Dana is gone.', { thread_ts: state.messages.get('C2')[0].ts }),
    () => {
      room.archived = true;
      state.control.length = 0;
    },
  ];
  return { state, happens, play: { customer: PHIL, agent: CAST.agents[0], since: {} } };
}

test('each step is done as soon as it is seen, and not before', () => {
  const { state, happens, play } = story();
  assert.equal(happens.length, STEPS.length);
  happens.forEach((happen, at) => {
    assert.equal(progress(state, play, []), at);
    happen();
  });
  assert.equal(progress(state, play, []), STEPS.length);
});

test('the first step is done when the bot has failed twice', () => {
  const { state, play } = story();
  state.dm.messages.push(message('U0PHIL', 'It is stuck.'), message('U0EXPENSES', 'What?'));
  assert.equal(progress(state, play, []), 0);
  state.dm.messages.push(message('U0PHIL', 'Dana left.'));
  assert.equal(progress(state, play, []), 0);
});

test('an answer that has not reached the customer is not yet one, and a note is none', () => {
  const { state, happens, play } = story();
  happens.slice(0, 3).forEach((happen) => happen());
  state.messages.get('C2').push(message('U0JANE', 'Hello?'));
  assert.equal(progress(state, play, []), 3);
});

test('a step that is skipped is left behind, and one that is done takes those before it along', () => {
  const { state, happens, play } = story();
  assert.equal(progress(state, play, [0, 1]), 2);
  happens[1]();
  assert.equal(progress(state, play, []), 2);
});

test('a story begun anew does not count what was said before', () => {
  const { state, happens, play } = story();
  happens.forEach((happen) => happen());
  assert.equal(progress(state, { ...play, since: newest(state) }, []), 0);
});
