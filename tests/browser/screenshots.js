/** Takes the picture of the page that the README shows: Jane has taken over, and one sees what moves. */

import { mkdirSync, statSync } from 'node:fs';
import { after, test } from 'node:test';

import { stage } from './stage.js';

const PICTURE = new URL('../../docs/images/playground.png', import.meta.url).pathname;

test('the picture for the README', async (test) => {
  const { visit } = await stage(test);
  const viewer = await visit('', { viewport: { width: 1360, height: 720 }, deviceScaleFactor: 0.75, colorScheme: 'light' });
  const { customer, agent } = viewer;
  await viewer.write(customer, 'Hi! My expense EXP-1042 is stuck.');
  await viewer.reads(customer, 'Expense Bot', 'EXP-1042');
  await viewer.write(customer, 'Dana left in March.');
  await viewer.reads(customer, 'Expense Bot', 'I did not understand');
  await viewer.write(agent, '/megatron open phil');
  await viewer.goTo(/^cs-phil/);
  await viewer.reads(agent, 'Phil', 'Dana left');
  await agent.getByRole('button', { name: 'Pause the bot' }).click();
  await viewer.botKnows();
  await viewer.write(agent, 'Hi Phil, Jane here. I ask Omar to approve it today.');
  await viewer.reads(customer, 'Expense Bot', 'Jane here');
  await viewer
    .message(agent, 'Jane', 'Jane here')
    .getByRole('button', { name: /^white_check_mark/ })
    .waitFor();
  await viewer.tour.getByText('Step 5 of 6').waitFor();
  await viewer.button('What moves').click();
  await viewer.page.mouse.move(0, 0);
  await viewer.page.evaluate(() => document.activeElement.blur());
  mkdirSync(new URL('.', `file://${PICTURE}`), { recursive: true });
  await viewer.page.screenshot({ path: PICTURE });
});

after(() => console.log(`${PICTURE}: ${Math.round(statSync(PICTURE).size / 1000)} kB`));
