import assert from 'node:assert/strict';
import { test } from 'node:test';

import { stage } from '../stage.js';

/** What the whole page may weigh, in bytes, and how long one may see nothing, in milliseconds. */
const WEIGHT = 200_000;
const PAINT = 1000;
const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true };

test('the page is light, quick, and loads nothing from elsewhere', async (test) => {
  const { visit, address } = await stage(test);
  const { page } = await visit();
  const loaded = await page.evaluate(() => {
    const [paint] = performance.getEntriesByName('first-contentful-paint');
    const files = [...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')];
    return { paint: paint.startTime, files: files.map(({ name, decodedBodySize: size }) => ({ name, size })) };
  });
  const weight = loaded.files.filter(({ name }) => !name.includes('/demo/state')).reduce((sum, { size }) => sum + size, 0);
  assert.ok(weight > 50_000 && weight < WEIGHT, `the page weighs ${weight} bytes`);
  assert.ok(loaded.paint < PAINT, `the first paint took ${loaded.paint} ms`);
  assert.deepEqual(
    loaded.files.filter(({ name }) => !name.startsWith(address)),
    [],
  );
});

for (const colorScheme of ['light', 'dark']) {
  test(`there are no barriers when it is ${colorScheme}`, async (test) => {
    const { visit } = await stage(test);
    const viewer = await visit('', { colorScheme });
    await viewer.hasNoBarriers('at first');
    await viewer.openRoom();
    await viewer.button('What moves').click();
    await viewer.message(viewer.agent, 'Phil', 'EXP-1042').hover();
    await viewer.hasNoBarriers('in a room, with what moves');
    await viewer.message(viewer.agent, 'Phil', 'EXP-1042').getByRole('button', { name: 'More actions' }).click();
    await viewer.page.getByRole('menuitem', { name: 'Live Chat Control' }).click();
    await viewer.page.getByRole('dialog').waitFor();
    await viewer.hasNoBarriers('in a dialog');
  });
}

test('light and dark can be turned, and the page remembers it', async (test) => {
  const { visit } = await stage(test);
  const { page, button } = await visit('', { colorScheme: 'light' });
  const ground = () => page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
  const light = await ground();
  await page.getByRole('button', { name: 'Light or dark' }).click();
  const dark = await ground();
  assert.notEqual(dark, light);
  await page.reload();
  assert.equal(await ground(), dark);
});

test('on a phone one side is shown at a time, and a takeover can be played', async (test) => {
  const { visit } = await stage(test);
  const viewer = await visit('', PHONE);
  const { page, customer, agent } = viewer;
  await viewer.button('Close the tour').click();
  await viewer.write(customer, 'Hi! My expense EXP-1042 is stuck.');
  await viewer.reads(customer, 'Expense Bot', 'EXP-1042');
  assert.ok(!(await agent.isVisible()));
  await viewer.button('Jane').click();
  await viewer.write(agent, '/megatron open phil');
  await page.getByRole('link', { name: 'All channels' }).click();
  await viewer.hasNoBarriers('in the list of channels');
  await viewer.goTo(/^cs-phil/);
  await viewer.reads(agent, 'Phil', 'EXP-1042 is stuck');
  await viewer.hasNoBarriers('in a room');
  await agent.getByRole('button', { name: 'Pause the bot' }).click();
  await viewer.write(agent, 'Jane here.');
  await viewer.button('Phil').click();
  await viewer.reads(customer, 'Expense Bot', 'Jane here.');
  const wide = await page.evaluate(() => document.documentElement.scrollWidth);
  assert.ok(wide <= PHONE.viewport.width, `nothing is wider than the phone: ${wide}`);
});
