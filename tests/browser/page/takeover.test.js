import assert from 'node:assert/strict';
import { test } from 'node:test';

import { stage } from '../stage.js';

/** One dot, as small as a PNG can be. */
const DOT = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==',
  'base64',
);

test('Jane takes over by hand, answers as the bot, and gives Phil back', async (test) => {
  const { visit } = await stage(test);
  const viewer = await visit();
  const { customer, agent, page } = viewer;
  await viewer.openRoom();

  await agent.getByRole('button', { name: 'Pause the bot' }).click();
  await viewer.reads(customer, 'Expense Bot', 'Jane from Initech');
  await viewer.botKnows();

  await viewer.write(agent, 'Hi Phil, *Jane* here & I look into it <now>');
  await viewer.reads(customer, 'Expense Bot', 'here & I look into it <now>');
  await viewer.write(customer, 'Thank you :tada:');
  await viewer.reads(agent, 'Phil', 'Thank you');

  const thanks = viewer.message(agent, 'Phil', 'Thank you');
  await thanks.hover();
  await thanks.getByRole('button', { name: 'Reply in thread' }).click();
  await page.getByRole('textbox', { name: 'Reply in thread' }).and(page.locator(':focus')).fill('A note for us');
  await page.keyboard.press('Enter');
  await agent.locator('.thread').getByText('A note for us').waitFor();
  await page.keyboard.press('Escape');
  await thanks.getByRole('button', { name: '1 reply' }).waitFor();

  await viewer.write(agent, '/megatron close');
  await viewer.reads(customer, 'Expense Bot', 'is back');
  await agent
    .getByRole('textbox', { name: /^Message #cs-phil/ })
    .and(page.locator(':disabled'))
    .waitFor();
  assert.equal(await customer.getByText('A note for us').count(), 0, 'a note stays inside');
});

test('edits, deletions, reactions and pictures go to the other side', async (test) => {
  const { visit } = await stage(test);
  const viewer = await visit();
  const { customer, agent, page } = viewer;
  await viewer.openRoom();
  await viewer.write(agent, '/megatron pause');
  await viewer.botKnows();

  await viewer.write(agent, 'It is paid tomorow');
  await viewer.reads(customer, 'Expense Bot', 'tomorow');
  await agent.locator('.composer textarea').first().press('ArrowUp');
  const editor = page.getByRole('textbox', { name: 'Edit message' }).and(page.locator(':focus'));
  await editor.fill('It is paid tomorrow');
  // What happens meanwhile, such as the mark that the message has arrived, takes nothing away.
  await viewer.write(customer, 'Tomorow?');
  await viewer.reads(agent, 'Phil', 'Tomorow?');
  await page.getByRole('textbox', { name: 'Edit message' }).press('Enter');
  await agent.locator('.composer textarea:focus').waitFor();
  await viewer.reads(customer, 'Expense Bot', 'paid tomorrow');

  const answer = viewer.message(customer, 'Expense Bot', 'paid tomorrow');
  await answer.hover();
  await answer.getByRole('button', { name: 'Add reaction' }).click();
  await page.getByRole('combobox', { name: 'Search: Add reaction' }).fill('tada');
  await page.keyboard.press('Enter');
  await viewer
    .message(agent, 'Jane', 'paid tomorrow')
    .getByRole('button', { name: /^tada, 1/ })
    .waitFor();

  await customer.locator('input[type=file]').first().setInputFiles({ name: 'receipt.png', mimeType: 'image/png', buffer: DOT });
  await viewer.write(customer, 'My receipt');
  await customer.getByRole('img', { name: 'receipt.png' }).waitFor();
  await agent.getByRole('img', { name: 'receipt.png' }).waitFor();

  await viewer.write(customer, 'Forget this');
  await viewer.reads(agent, 'Phil', 'Forget this');
  const slip = viewer.message(customer, 'Phil', 'Forget this');
  await slip.hover();
  await slip.getByRole('button', { name: 'More actions' }).click();
  await page.getByRole('menuitem', { name: 'Delete message' }).click();
  await viewer.button('Delete').click();
  await slip.waitFor({ state: 'detached' });
  await viewer.message(agent, 'Phil', 'Forget this').waitFor({ state: 'detached' });
});

test('a dialog says what is wrong in it, keeps what was typed, and does what it says', async (test) => {
  const { visit } = await stage(test);
  const viewer = await visit();
  const { agent, customer, page } = viewer;
  await viewer.openRoom();
  const plea = viewer.message(agent, 'Phil', 'EXP-1042 is stuck');
  await plea.hover();
  await plea.getByRole('button', { name: 'More actions' }).click();
  await page.getByRole('menuitem', { name: 'Live Chat Control' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('textbox', { name: /^Note/ }).fill('About his hotel');
  await viewer.button('Proceed').click();
  await dialog.getByRole('alert').waitFor();
  assert.equal(await dialog.getByRole('textbox', { name: /^Note/ }).inputValue(), 'About his hotel');
  await dialog.getByRole('textbox', { name: /^Note/ }).fill('');
  await dialog.getByRole('radio', { name: /^On/ }).check();
  await viewer.button('Proceed').click();
  await dialog.getByText('is being paused').waitFor();
  await page.keyboard.press('Escape');
  await dialog.waitFor({ state: 'hidden' });
  await viewer.reads(customer, 'Expense Bot', 'Jane from Initech');
});
