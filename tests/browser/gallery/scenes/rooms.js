/** What agents read in a customer's room, and the customer meanwhile. */

import { ROOM, opened, paused, picked } from './story.js';

export async function takeover(stage, shot) {
  const { phil, jane, raj } = stage;
  await opened(stage);
  await shot.messages('answer-opening', jane, await jane.isTold('support', 'Opening a room'));
  await shot.messages('answer-room', jane, await jane.isTold('support', 'The room for'));
  await shot.messages('room-header', jane, await jane.reads(ROOM, 'talks with'));
  await shot.messages('room-relayed', jane, await jane.reads(ROOM, 'is stuck'), await jane.reads(ROOM, 'Shall I remind Dana'));

  await jane.says(ROOM, 'Let me have a look, Phil.');
  const reminder = await jane.reads(ROOM, 'Always pause for me');
  await shot.messages('room-pause-reminder', jane, reminder);
  await jane.presses(reminder, 'Pause');
  await shot.messages('room-paused', jane, await jane.reads(ROOM, /✅ Expense Bot/));
  await shot.messages('customer-paused', phil, await phil.reads('is now talking'));

  await jane.says(ROOM, 'Dana has left, so I have approved it myself.');
  await shot.messages('customer-answer', phil, await phil.reads('approved it myself'));
  const answer = await jane.reads(ROOM, /approved it.*white_check_mark/);
  await shot.messages('room-answer', jane, answer);
  await jane.says(ROOM, "Dana's cases go to me from now on.", answer);
  await shot.messages('room-note', jane, await jane.reads(ROOM, 'from now on'));

  await raj.command('open phil');
  await raj.says(ROOM, 'Phil, it will be paid on Friday.');
  const told = await raj.isTold(ROOM, 'is handling');
  await shot.messages('room-collision', raj, told);
  await raj.presses(told, 'Take over');
  await shot.messages('room-taken-over', raj, await raj.reads(ROOM, 'has taken over'));

  await jane.command('unpause', ROOM);
  await shot.messages('room-unpaused', jane, await jane.reads(ROOM, /unpaused.*✅ Expense Bot/));
  await shot.messages('customer-unpaused', phil, await phil.reads('has left'));
  const channel = await jane.channel(ROOM);
  await jane.command('close', ROOM);
  await shot.messages('room-closed', jane, await jane.reads(channel, 'closed this room'));
}

export async function handled(stage, shot) {
  const { jane } = stage;
  await picked(stage);
  await shot.messages('room-header-human', jane, await jane.reads(ROOM, /talks with.*handled by/));
}

export async function undone(stage, shot) {
  const { phil, jane } = stage;
  await paused(stage);
  const wrong = await jane.says(ROOM, 'Your salary is 4,300 €.');
  await phil.reads('4,300');
  await jane.uses({ ...wrong }, 'Take message back');
  await shot.messages('room-withdrawn', jane, await jane.reads(ROOM, 'took a message back'));
  await phil.says('What did you write?');
  const said = await phil.says('Oh, never mind.');
  await jane.reads(ROOM, 'never mind');
  await phil.act({ do: 'delete', channel: phil.dm, ts: said.ts });
  await shot.messages('room-deleted', jane, await jane.reads(ROOM, 'deleted a message'));
  await jane.command('do approve EXP-1042', ROOM);
  await shot.messages('room-notice', jane, await jane.reads(ROOM, 'Done: approve'));
  await jane.command('bot off', ROOM);
  await shot.messages('room-switched-off', jane, await jane.reads(ROOM, 'is switched off'));
  await jane.command('bot on', ROOM);
  await shot.messages('room-switched-on', jane, await jane.reads(ROOM, 'switched on again'));
}

export async function broken(stage, shot) {
  const { phil, jane, turn, bot } = stage;
  await opened(stage);
  await turn({ bot: 'down' });
  await jane.command('pause', ROOM);
  await shot.messages('room-paused-telling', jane, await jane.reads(ROOM, /paused Expense Bot/));
  await shot.messages('room-bot-missed', jane, await jane.reads(ROOM, 'megatron.retry'));
  await turn({ bot: 'ok' });
  await phil.reads('is now talking');
  await bot('PUT', '/v1/workspaces/T0ACME', { name: 'Acme', domain: 'acme', bot_token: 'xoxb-revoked' });
  await jane.says(ROOM, 'I am looking into it.');
  await shot.messages('room-not-said-yet', jane, await jane.reads(ROOM, /has not got|did not get/));
}

export async function idle(stage, shot) {
  const { raj, jane } = stage;
  await paused(stage);
  const channel = await jane.channel(ROOM);
  await raj.usesGlobally('Megatron settings');
  await raj.sends(await raj.dialog('What would you like to set'), { section: 'reminders' });
  await raj.sends(await raj.dialog('When a quiet room'), { unpause_after: '8s', close_after: '20s' });
  await shot.messages('room-unpause-reminder', jane, await jane.reads(ROOM, 'megatron.keep_paused'));
  await shot.messages('room-closed-idle', jane, await jane.reads(channel, 'closed this room'));
}
