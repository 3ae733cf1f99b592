/** How scenes begin. */

export const ROOM = 'cs-phil';

/** Phil is stuck with the bot. */
export async function stuck({ phil, jane }) {
  await phil.says('Hi! My expense EXP-1042 is stuck.');
  await phil.reads('Shall I remind Dana');
  // By then the service knows his name.
  await jane.reads('triage', '*Phil*');
}

/** Jane is in Phil's room, while the bot answers. */
export async function opened(stage) {
  const { jane } = stage;
  await stuck(stage);
  await jane.command('open phil');
  await jane.reads(ROOM, 'Shall I remind Dana');
}

/** Jane is in Phil's room and has paused the bot. */
export async function paused(stage) {
  const { jane, phil } = stage;
  await opened(stage);
  await jane.command('pause', ROOM);
  await jane.reads(ROOM, /✅ Expense Bot/);
  await phil.reads('is now talking');
}

/** Phil has asked for a human, and a card says so in the channel of the queue. */
export async function asked(stage) {
  const { phil, jane } = stage;
  await stuck(stage);
  await phil.says('Dana left in March. I want to talk to a human!');
  return jane.reads('helpdesk', 'asks for a human');
}

/** Jane has picked Phil, and their room is there. */
export async function picked(stage) {
  const { jane } = stage;
  await jane.presses(await asked(stage), 'Pick');
  await jane.reads('helpdesk', 'Processing by');
  await jane.reads(ROOM, 'a human!');
}

/** The bot asks for a human in its own words. */
export function asks({ bot }, more = {}) {
  return bot('POST', '/v1/conversations/T0ACME/D0PHIL/handoffs', { user_id: 'U0PHIL', ...more });
}
