import assert from 'node:assert/strict';
import { test } from 'node:test';

import { stage } from '../stage.js';
import { mrkdwn, option, plain, pretend } from './slack.js';

/** Somebody looks at what Slack shows; `done` is what they did. */
async function look(test, shown) {
  const { visit } = await stage(test);
  const done = [];
  const viewer = await visit('', {}, (page) => pretend(page, shown, done));
  const spot = { message: { channel: 'C1', ts: '1700000000.000100' } };
  /** Waits until something was done, and answers it. */
  const next = async () => {
    while (done.length === 0) await viewer.page.waitForResponse('**/demo/act');
    return done.shift();
  };
  return {
    ...viewer,
    page: viewer.page,
    agent: viewer.agent,
    next,
    clicked: (action_id, value) => ({ do: 'click', spot, action_id, ...(value === undefined ? {} : { value }) }),
    viewer,
  };
}

test('every kind of block says what it has to say', async (test) => {
  const cell = (text) => ({ type: 'raw_text', text });
  const blocks = [
    { type: 'header', text: plain('A *header* :tada:') },
    {
      type: 'section',
      text: mrkdwn('*bold* <https://a.example|link> <@U0RAJ> <#C1>'),
      accessory: { type: 'image', image_url: 'https://avatars.example/phil.png', alt_text: "Phil's face" },
    },
    { type: 'section', fields: [mrkdwn('left'), mrkdwn('right')] },
    { type: 'context', elements: [mrkdwn('small print')] },
    { type: 'divider' },
    { type: 'image', image_url: 'https://far.example/cat.png', alt_text: 'A far cat', title: plain('Cats') },
    { type: 'markdown', text: '## Marked **down**' },
    { type: 'table', rows: [[cell('one'), cell('two')]] },
    {
      type: 'video',
      title: plain('A video'),
      title_url: 'https://v.example',
      video_url: 'https://v.example',
      thumbnail_url: 'https://v.example/t.png',
      alt_text: 'v',
    },
    { type: 'hologram', text: mrkdwn('from the future') },
  ];
  const attachments = [
    {
      color: '#36a64f',
      pretext: 'Before',
      title: 'Order 7',
      text: 'In the attachment',
      fields: [{ title: 'Sum', value: '12 €' }],
      footer: 'the shop',
    },
  ];
  const { agent, viewer } = await look(test, {
    message: { blocks, attachments, edited: true, reactions: [['eyes', ['U0RAJ']]] },
  });
  const said = (await viewer.message(agent, 'Megatron', 'header').innerText()).replace(/\s+/g, ' ');
  for (const words of [
    'A *header* 🎉',
    'bold link @Raj #support',
    'left',
    'right',
    'small print',
    'Cats',
    'A far cat',
    'Marked down',
    'one',
    'two',
    'A video',
    '[hologram]',
    'from the future',
    '(edited)',
    'Before',
    'Order 7',
    'In the attachment',
    'Sum',
    '12 €',
    'the shop',
    '👀 1',
  ]) {
    assert.ok(said.includes(words), `${words} is in ${said}`);
  }
  await agent.getByRole('img', { name: "Phil's face" }).waitFor();
  await viewer.hasNoBarriers('with every block');
});

test('markup in text is text', async (test) => {
  const text = '&lt;img src=x onerror=alert(1)&gt; <b>no</b> <javascript:alert(1)|press>';
  const { agent, viewer } = await look(test, { message: { text } });
  await viewer.reads(agent, 'Megatron', '<img src=x onerror=alert(1)> <b>no</b> <javascript:alert(1)|press>');
});

test('buttons, menus, dates and boxes tell the app what was chosen', async (test) => {
  const elements = [
    { type: 'button', action_id: 'go', text: plain('Go'), value: '7' },
    {
      type: 'button',
      action_id: 'sure',
      text: plain('Drop'),
      style: 'danger',
      confirm: { title: plain('Really?'), text: mrkdwn('*All* of it'), confirm: plain('Drop it'), deny: plain('Keep it') },
    },
    {
      type: 'static_select',
      action_id: 'team',
      placeholder: plain('Team'),
      option_groups: [
        { label: plain('Near'), options: [option('Billing')] },
        { label: plain('Far'), options: [option('Travel')] },
      ],
    },
    { type: 'external_select', action_id: 'who', placeholder: plain('Customer'), min_query_length: 2 },
    { type: 'users_select', action_id: 'agent', placeholder: plain('Colleague') },
    { type: 'conversations_select', action_id: 'place', placeholder: plain('Place') },
    { type: 'overflow', action_id: 'more', options: [option('Archive'), option('Export')] },
    { type: 'datepicker', action_id: 'day' },
    { type: 'radio_buttons', action_id: 'size', options: [option('Small'), option('Large')] },
  ];
  const { page, viewer, next, clicked } = await look(test, {
    message: { blocks: [{ type: 'actions', block_id: 'b', elements }] },
    options: { options: [option('Philippa')] },
  });
  const pick = async (menu, name) => {
    await page.getByRole('button', { name: menu }).click();
    await page.getByRole('option', { name }).click();
  };
  await viewer.button('Go').click();
  assert.deepEqual(await next(), clicked('go', '7'));
  await viewer.button('Drop').click();
  await viewer.button('Keep it').click();
  await viewer.button('Drop').click();
  await viewer.button('Drop it').click();
  assert.deepEqual(await next(), clicked('sure'));
  await pick('Team', 'Travel');
  assert.deepEqual(await next(), clicked('team', 'travel'));
  await page.getByRole('button', { name: 'Customer: Customer' }).click();
  await page.getByText('Type at least 2 letters').waitFor();
  await page.keyboard.type('phi');
  await page.getByRole('option', { name: 'Philippa' }).click();
  assert.deepEqual(await next(), clicked('who', 'philippa'));
  await pick('Colleague', 'Raj Patel');
  assert.deepEqual(await next(), clicked('agent', 'U0RAJ'));
  await pick('Place', '#support');
  assert.deepEqual(await next(), clicked('place', 'C1'));
  await viewer.button('More').click();
  await page.getByRole('menuitem', { name: 'Export' }).click();
  assert.deepEqual(await next(), clicked('more', 'export'));
  await page.locator('input[type=date]').fill('2026-11-20');
  assert.deepEqual(await next(), clicked('day', '2026-11-20'));
  await page.getByRole('radio', { name: 'Large' }).check();
  assert.deepEqual(await next(), clicked('size', 'large'));
});

test('a dialog sends all that was typed and chosen, once what is missing is filled in', async (test) => {
  const input = (block_id, label, element, more = {}) => ({
    type: 'input',
    block_id,
    label: plain(label),
    element: { action_id: `${block_id}_action`, ...element },
    ...more,
  });
  const modal = {
    id: 'V1',
    hash: '1',
    title: plain('All inputs'),
    submit: plain('Save'),
    blocks: [
      input('name', 'Name', { type: 'plain_text_input', min_length: 3 }),
      input('team', 'Team', {
        type: 'static_select',
        options: [option('Billing'), option('Travel')],
        initial_option: option('Billing'),
      }),
      input('people', 'People', { type: 'multi_users_select' }, { optional: true }),
      input('days', 'Days', { type: 'checkboxes', options: [option('Monday'), option('Friday')] }),
      input('from', 'From', { type: 'timepicker', initial_time: '09:00' }),
      input('limit', 'Limit', { type: 'number_input', is_decimal_allowed: false }, { optional: true, hint: plain('In minutes') }),
    ],
  };
  const { page, viewer, next } = await look(test, { modal });
  const dialog = page.getByRole('dialog');
  await viewer.button('Save').click();
  assert.deepEqual(await dialog.getByRole('alert').allTextContents(), ['Please fill this in.', 'Please fill this in.']);
  await dialog.getByRole('textbox', { name: 'Name' }).fill('Ho');
  await dialog.getByRole('checkbox', { name: 'Friday' }).check();
  await page.getByRole('button', { name: /^People/ }).click();
  await page.getByRole('option', { name: 'Raj Patel' }).click();
  await page.getByRole('option', { name: 'Jane Doe' }).click();
  await page.keyboard.press('Escape');
  await viewer.button('Save').click();
  await dialog.getByText('Please write at least 3 letters.').waitFor();
  await viewer.hasNoBarriers('with what is wrong');
  await dialog.getByRole('textbox', { name: 'Name' }).fill('Hotel');
  await viewer.button('Save').click();
  assert.deepEqual(await next(), {
    do: 'submit',
    view: 'V1',
    values: {
      name: { name_action: { type: 'plain_text_input', value: 'Hotel' } },
      team: { team_action: { type: 'static_select', selected_option: option('Billing') } },
      people: { people_action: { type: 'multi_users_select', selected_users: ['U0RAJ', 'U0JANE'] } },
      days: { days_action: { type: 'checkboxes', selected_options: [option('Friday')] } },
      from: { from_action: { type: 'timepicker', selected_time: '09:00' } },
      limit: { limit_action: { type: 'number_input', value: null } },
    },
  });
  await page.keyboard.press('Escape');
  assert.deepEqual(await next(), { do: 'close', view: 'V1' });
});
