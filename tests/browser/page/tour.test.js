import { test } from 'node:test';

import { stage } from '../stage.js';

const TIMES = Number(process.env.TOUR_TIMES ?? 1);
const STEPS = 6;

/** Goes through the steps from one on. */
async function tour({ tour, button }, from = 1) {
  for (let step = from; step <= STEPS; step += 1) {
    await tour.getByText(`Step ${step} of ${STEPS}`, { exact: true }).waitFor();
    await tour.getByRole('button', { name: 'Do it for me' }).click();
  }
  await tour.getByText('The end').waitFor();
}

test("the guided tour plays Phil's story to its end", async (test) => {
  const { visit } = await stage(test);
  const viewer = await visit();
  for (let time = 1; time <= TIMES; time += 1) {
    await tour(viewer);
    await viewer.reads(viewer.customer, 'Expense Bot', 'Jane here');
    await viewer.agent.getByText('Closed rooms').waitFor();
    if (time < TIMES) await viewer.button('Start again').click();
  }
});

test('a reload in the middle goes on where one was', async (test) => {
  const { visit } = await stage(test);
  const viewer = await visit();
  for (const step of [1, 2, 3]) {
    await viewer.tour.getByText(`Step ${step} of ${STEPS}`, { exact: true }).waitFor();
    await viewer.button('Do it for me').click();
  }
  await viewer.tour.getByText('Step 4 of 6', { exact: true }).waitFor();
  await viewer.page.reload();
  await viewer.reads(viewer.agent, 'Phil', 'EXP-1042 is stuck');
  await tour(viewer, 4);
});

test('one may look back, skip, and put the tour away', async (test) => {
  const { visit } = await stage(test);
  const viewer = await visit();
  await viewer.button('Do it for me').click();
  await viewer.tour.getByText('Step 2 of 6', { exact: true }).waitFor();
  await viewer.button('Back').click();
  await viewer.tour.getByText('Step 1 of 6, done').waitFor();
  await viewer.button('Next').click();
  await viewer.button('Skip').click();
  await viewer.tour.getByText('Step 3 of 6', { exact: true }).waitFor();
  await viewer.button('Close the tour').click();
  await viewer.tour.waitFor({ state: 'hidden' });
  await viewer.page.reload();
  await viewer.button('Tour').click();
  await viewer.tour.getByText('Step 3 of 6', { exact: true }).waitFor();
});
