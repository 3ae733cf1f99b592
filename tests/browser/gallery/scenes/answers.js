/** What only the agent reads who has typed a command, and dialogs. */

import { ROOM, opened, paused, picked, stuck } from './story.js';

export async function searching(stage, shot) {
  const { phil, philippa, jane } = stage;
  await stuck(stage);
  await philippa.says('hello');
  await philippa.reads('Hello!');
  await jane.command('open nobody');
  await shot.messages('answer-nobody', jane, await jane.isTold('support', 'Nobody was found'));
  await jane.command('open phil');
  await shot.menu('answer-several', jane, await jane.isTold('support', 'Several customers'), 'Choose a customer');
}

/** A command, and words of its answer. */
const COMMANDS = [
  ['help', 'opens a room for a customer'],
  ['status', 'Expense Bot is paused'],
  ['list', '• '],
  ['audit', 'paused'],
  ['queue list', 'billing'],
  ['prompts off', 'prompts on'],
  ['erase phil', 'Erase for good'],
];

export async function commands(stage, shot) {
  const { jane } = stage;
  await paused(stage);
  for (const [command, words] of COMMANDS) {
    await jane.command(command, ROOM);
    await shot.messages(`answer-${command.split(" ")[0]}`, jane, await jane.isTold(ROOM, words));
  }
  await jane.command('transcript', ROOM);
  await shot.messages('room-transcript', jane, await jane.reads(ROOM, 'Transcript for'));
}

export async function noting(stage, shot) {
  const { jane } = stage;
  await opened(stage);
  await jane.uses(await jane.reads(ROOM, 'is stuck'), 'Add note');
  await jane.dialog('Add a note');
  await shot.dialog('dialog-note', jane, 'Add a note');
}

export async function numbers(stage, shot) {
  const { phil, jane } = stage;
  await picked(stage);
  await jane.says(ROOM, 'Hi Phil, I have approved it.');
  await phil.reads('approved it');
  await jane.command('close phil');
  await jane.reads('helpdesk', 'Done by');
  await jane.command('stats', 'helpdesk');
  await shot.messages('answer-stats', jane, await jane.isTold('helpdesk', '📊'));
  await shot.messages('queue-stats', jane, await jane.reads('helpdesk', 'image/png'));
}

/** Sections of the settings, and words of their dialogs. */
const SETTINGS = [
  ['bots', 'Bots that'],
  ['reminders', 'When a quiet room'],
  ['admins', 'More admins'],
];

export async function settings(stage, shot) {
  const { raj, bot } = stage;
  await bot('PUT', '/v1/queues/approvals', { priority_group: ['U0RAJ'], then: 'support' });
  await raj.command('settings');
  const first = await raj.dialog('What would you like');
  await shot.dialog('dialog-settings', raj, 'What would you like');
  const enters = async (section, words) => {
    await raj.sends(first, { section });
    const dialog = await raj.dialog(words);
    await shot.dialog(`dialog-${section}`, raj, words);
    return dialog;
  };
  for (const [section, words] of SETTINGS) await raj.closes(await enters(section, words));

  await raj.sends(await enters('texts', 'All bots'), { which: 'templates.customer_paused' });
  const text = await raj.dialog('You can use');
  await shot.dialog('dialog-text', raj, 'You can use');
  await raj.closes(text);
  await raj.sends(await enters('queues', 'What to do'), { queue: 'approvals' });
  const form = await raj.dialog('Which queue to ask then');
  await shot.dialog('dialog-queue', raj, 'Which queue to ask then');
  await raj.closes(form);
  await raj.sends(await enters('queues', 'What to do'), { queue: 'approvals', what: 'remove' });
  await raj.dialog('Remove the queue');
  await shot.dialog('dialog-queue-removal', raj, 'Remove the queue');
}
