import { test } from 'node:test';

import { stage } from '../stage.js';

test('of two agents one picks a customer, and the other sees it and is told who handles them', async (test) => {
  const { visit } = await stage(test);
  const [jane, raj] = [await visit(), await visit('?agent=U0RAJ')];
  await jane.write(jane.customer, 'I want to talk to a human');
  for (const viewer of [jane, raj]) await viewer.goTo('helpdesk');
  await jane.reads(jane.agent, 'Megatron', 'Phil');
  await raj.reads(raj.agent, 'Megatron', 'Phil');
  await jane.agent.getByRole('button', { name: 'Pick' }).first().click();
  await raj.reads(raj.agent, 'Megatron', 'Processing by Jane');

  await raj.write(raj.agent, '/megatron open phil');
  await raj.goTo(/^cs-phil/);
  await raj.write(raj.agent, 'Hi Phil, Raj here.');
  await raj.reads(raj.agent, 'Megatron', 'Jane is handling Phil');
});

test('one may be somebody else, on either side', async (test) => {
  const { visit } = await stage(test);
  const viewer = await visit();
  const { page, agent, customer } = viewer;
  await viewer.button('You are Jane. Be another agent').click();
  await page.getByRole('menuitem', { name: /Raj/ }).click();
  await viewer.button('You are Raj. Be another agent').waitFor();
  await viewer.button('You are Phil. Be another customer').click();
  await page.getByRole('menuitem', { name: /Philippa/ }).click();
  await viewer.button('You are Philippa. Be another customer').waitFor();
  await viewer.write(customer, 'Hello!');
  await viewer.reads(customer, 'Philippa', 'Hello!');
  await viewer.write(agent, 'Morning, all');
  await viewer.reads(agent, 'Raj', 'Morning, all');
});

test('a shortcut of the app opens its dialog', async (test) => {
  const { visit } = await stage(test);
  const viewer = await visit('?agent=U0RAJ');
  await viewer.button('Shortcuts').click();
  await viewer.page.getByRole('menuitem').first().click();
  await viewer.page.getByRole('dialog').getByRole('heading').first().waitFor();
  await viewer.page.keyboard.press('Escape');
  await viewer.page.getByRole('dialog').waitFor({ state: 'hidden' });
});

test("the app's Home finds a customer, opens their room, and leads there", async (test) => {
  const { visit } = await stage(test);
  const viewer = await visit();
  const { page, agent, customer } = viewer;
  await viewer.write(customer, 'Hi! My expense EXP-1042 is stuck.');
  await viewer.reads(customer, 'Expense Bot', 'EXP-1042');
  await viewer.goTo('Megatron');
  await agent.getByRole('button', { name: /^Find a customer|Type a name/ }).click();
  await page.keyboard.type('phil');
  await page
    .getByRole('option', { name: /^Phil\b/ })
    .first()
    .click();
  await page.getByRole('dialog').getByText('Opening a room for Phil').waitFor();
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'hidden' });
  await viewer.button('Pause the bot').click();
  await page.getByRole('dialog').getByText('is being paused').waitFor();
  await page.keyboard.press('Escape');
  await agent.getByRole('link', { name: 'Go to the room' }).click();
  await viewer.reads(agent, 'Phil', 'EXP-1042 is stuck');
});
