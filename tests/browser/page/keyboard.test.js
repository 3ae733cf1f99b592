import assert from 'node:assert/strict';
import { test } from 'node:test';

import { stage } from '../stage.js';

/** So many presses of Tab lead anywhere. */
const FAR = 60;

/** Presses Tab until something with this name has the focus. */
async function tabTo({ page }, name, backwards = false) {
  const passed = [];
  for (let presses = 0; presses < FAR; presses += 1) {
    await page.keyboard.press(backwards ? 'Shift+Tab' : 'Tab');
    const focused = await page.evaluate(() => {
      const element = document.activeElement;
      const ring = element === document.body || element.matches(':focus-visible');
      return { name: element.getAttribute('aria-label') ?? element.textContent.trim(), ring };
    });
    assert.ok(focused.ring, `one sees that ${focused.name} has the focus`);
    if (name.test(focused.name)) return;
    passed.push(focused.name);
  }
  assert.fail(`Tab does not lead to ${name}: ${passed.join(', ')}`);
}

test('a takeover can be played with the keyboard alone', async (test) => {
  const { visit } = await stage(test);
  const viewer = await visit();
  const { page, agent, customer } = viewer;
  const { keyboard } = page;

  await tabTo(viewer, /^Message Expense Bot$/);
  await keyboard.type('Hi! My expense EXP-1042 is stuck.');
  await keyboard.press('Shift+Enter');
  await keyboard.type('Help!');
  await keyboard.press('Enter');
  await viewer.reads(customer, 'Expense Bot', 'EXP-1042');

  // The command completes: "o" is "open", "p" is Phil.
  await tabTo(viewer, /^Message #support$/);
  await keyboard.type('/megatron op');
  await page.getByRole('option', { name: /^open/ }).waitFor();
  await keyboard.press('Enter');
  await keyboard.type('p');
  await page
    .getByRole('option', { name: /^Phil\b/ })
    .first()
    .waitFor();
  await keyboard.press('Enter');
  assert.equal(await page.getByRole('textbox', { name: 'Message #support' }).inputValue(), '/megatron open Phil');
  await keyboard.press('Enter');
  await agent.getByRole('link', { name: /^cs-phil/ }).waitFor();

  // The list of channels, by arrow keys.
  await tabTo(viewer, /^.?support$/, true);
  const channels = await agent.locator('nav.sidebar a').count();
  for (let at = 0; at < channels; at += 1) {
    if (
      await agent
        .getByRole('link', { name: /^cs-phil/ })
        .first()
        .evaluate((link) => link === document.activeElement)
    )
      break;
    await keyboard.press('ArrowDown');
  }
  await keyboard.press('Enter');
  await viewer.reads(agent, 'Phil', 'EXP-1042 is stuck');

  await tabTo(viewer, /^Pause the bot$/);
  await keyboard.press('Enter');
  await viewer.botKnows();

  // A message, its menu, a dialog; Escape closes each, and the focus comes back.
  await tabTo(viewer, /^Messages$/, true);
  await keyboard.press('ArrowUp');
  await tabTo(viewer, /^More actions$/);
  await keyboard.press('Enter');
  await page.getByRole('menuitem', { name: 'Live Chat Control' }).waitFor();
  await keyboard.press('Escape');
  assert.equal(await page.evaluate(() => document.activeElement.getAttribute('aria-label')), 'More actions');
  await keyboard.press('Enter');
  await keyboard.press('l');
  await keyboard.press('Enter');
  await page.getByRole('dialog').waitFor();
  for (let presses = 0; presses < 12; presses += 1) {
    await keyboard.press('Tab');
    assert.ok(
      await page.evaluate(() => document.activeElement === document.body || document.activeElement.closest('dialog') !== null),
      'the focus stays in the dialog',
    );
  }
  await keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'hidden' });

  await tabTo(viewer, /^Message #cs-phil/);
  await keyboard.type('Jane here.');
  await keyboard.press('Enter');
  await viewer.reads(customer, 'Expense Bot', 'Jane here.');
});
