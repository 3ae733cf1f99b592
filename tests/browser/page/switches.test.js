import assert from 'node:assert/strict';
import { test } from 'node:test';

import { stage } from '../stage.js';

const WORDS = ['One', 'Two', 'Three'];

/** Jane is in Phil's room, the bot is paused, and one sees what moves. */
async function takenOver(test) {
  const { visit } = await stage(test);
  const viewer = await visit();
  await viewer.openRoom();
  await viewer.write(viewer.agent, '/megatron pause');
  await viewer.botKnows();
  await viewer.button('What moves').click();
  // The simulated Slack counts inside of a second: what is said in the second of the opening would count as said before it.
  const opened = Date.now();
  while (Date.now() - opened < 1000) await viewer.moves.getByText('Nothing: all is delivered.').waitFor();
  return viewer;
}

async function turn({ moves }, name, to) {
  await moves.getByRole('group', { name, exact: true }).getByText(to, { exact: true }).click();
}

/** Both sides say something, one word after the other. */
async function talk(viewer) {
  for (const word of WORDS) {
    await viewer.write(viewer.customer, `${word} of Phil`);
    await viewer.reads(viewer.customer, 'Phil', `${word} of Phil`);
    await viewer.write(viewer.agent, `${word} of Jane`);
    await viewer.reads(viewer.agent, 'Jane', `${word} of Jane`);
  }
}

/** All that was said has arrived once and in order. */
async function nothingIsLost(viewer) {
  const sides = [
    [viewer.agent, 'Phil', 'of Phil'],
    [viewer.customer, 'Expense Bot', 'of Jane'],
  ];
  for (const [side, author, words] of sides) {
    await viewer.reads(side, author, `Three ${words}`);
    const seen = await viewer.message(side, author, words).locator('.content').allTextContents();
    assert.deepEqual(
      seen.map((text) => text.match(/\w+/)[0]),
      WORDS,
    );
  }
  await viewer.moves.getByText('Nothing: all is delivered.').waitFor();
}

for (const broken of ['answers 429', 'is down']) {
  test(`while Slack ${broken}, what is said waits, and arrives once and in order`, async (test) => {
    const viewer = await takenOver(test);
    await turn(viewer, 'Slack', broken);
    await talk(viewer);
    for (const lane of ['dm:Phil', 'room:Phil']) await viewer.moves.getByRole('rowheader', { name: lane }).waitFor();
    await turn(viewer, 'Slack', 'works');
    await nothingIsLost(viewer);
  });
}

test('what is said while Megatron is stopped arrives when it runs again', async (test) => {
  const viewer = await takenOver(test);
  await turn(viewer, 'Megatron', 'is stopped');
  await viewer.moves.getByText('Megatron is stopped').first().waitFor();
  await talk(viewer);
  await turn(viewer, 'Megatron', 'runs');
  await nothingIsLost(viewer);
  await viewer.button('Restart Megatron').click();
  await viewer.write(viewer.customer, 'Still there?');
  await viewer.reads(viewer.agent, 'Phil', 'Still there?');
});

test('what Phil says while the bot is down arrives when it is back', async (test) => {
  const viewer = await takenOver(test);
  await turn(viewer, 'The bot', 'is down');
  await viewer.write(viewer.customer, 'Is anybody there?');
  await viewer.reads(viewer.customer, 'Phil', 'Is anybody there?');
  await turn(viewer, 'The bot', 'works');
  await viewer.reads(viewer.agent, 'Phil', 'Is anybody there?');
});

test('each call can be looked into', async (test) => {
  const viewer = await takenOver(test);
  await viewer.moves.getByRole('searchbox').fill('conversation.paused');
  await viewer.moves.locator('summary').first().click();
  await viewer.moves.locator('pre').filter({ hasText: '"epoch"' }).first().waitFor();
});
