/** What agents read in the channels of queues, and the customer meanwhile. */

import { ROOM, asked, asks, picked, stuck } from './story.js';

const MUCH = {
  request_text: 'wants an expense approved',
  button_title: 'Help Phil',
  reason: 'The approver has left the company',
  summary: 'EXP-1042, hotel in Lyon, 214.80 €, has been pending since March. Its approver is Dana Cole.',
  priority: 'high',
};

export async function picking(stage, shot) {
  const { phil, jane } = stage;
  const card = await asked(stage);
  await shot.messages('queue-asked', jane, card);
  await shot.messages('customer-asked', phil, await phil.reads('They will answer'));
  await jane.presses(card, 'Pick');
  await shot.messages('queue-accepted', jane, await jane.reads('helpdesk', /Processing by.*cs-phil/));
  await shot.messages('answer-picked', jane, await jane.isTold('helpdesk', 'You are handling'));
  await jane.command('close phil');
  await shot.messages('queue-completed', jane, await jane.reads('helpdesk', 'Done by'));
}

export async function transferring(stage, shot) {
  const { phil, jane, raj } = stage;
  await picked(stage);
  const said = await jane.reads(ROOM, 'a human!');
  await jane.uses(said, 'Live Chat Control');
  const control = await jane.dialog('Live Chat Control');
  await shot.dialog('dialog-live-chat', jane, 'Live Chat Control');
  await jane.closes(control);
  await jane.uses(said, 'Transfer');
  const transfer = await jane.dialog('Transfer');
  await shot.dialog('dialog-transfer', jane, 'Transfer');
  await jane.sends(transfer, { queue: 'billing', note: 'Needs somebody who may approve.' });
  const done = await jane.dialog('goes to');
  await shot.dialog('dialog-done', jane, 'goes to');
  await jane.closes(done);
  await shot.messages('room-transferred', jane, await jane.reads(ROOM, 'billing'));
  await shot.messages('queue-moved', jane, await jane.reads('helpdesk', 'was given to'));
  const card = await raj.reads('billing', 'Pending');
  await shot.messages('queue-pending', raj, card);
  await shot.messages('customer-transferred', phil, await phil.reads('nother team'));
  await raj.presses(card, 'Accept');
  await shot.messages('room-transfer-accepted', jane, await jane.reads(ROOM, 'has accepted'));
  await shot.messages('customer-transfer-accepted', phil, await phil.reads('Raj from Initech'));
}

export async function requested(stage, shot) {
  const { phil, jane } = stage;
  await stuck(stage);
  await asks(stage, MUCH);
  const card = await jane.reads('helpdesk', 'wants an expense approved');
  await shot.messages('queue-request', jane, card);
  await jane.presses(card, 'Decline');
  await shot.messages('queue-declined', jane, await jane.reads('helpdesk', 'Declined'));
  await shot.messages('customer-declined', phil, await phil.reads('right now'));
}

export async function refused(stage, shot) {
  const { jane } = stage;
  const card = await asked(stage);
  await jane.presses(card, 'Spam');
  const spam = await jane.reads('helpdesk', 'Undo');
  await shot.messages('queue-spam', jane, spam);
  await jane.presses(spam, 'Undo');
  await jane.presses(await jane.reads('helpdesk', 'Not a request'), 'Not a request');
  await shot.messages('queue-not-a-request', jane, await jane.reads('helpdesk', /^(?!.*megatron\.pick).*asks for a human/));
}

export async function waiting(stage, shot) {
  const { phil, jane, bot } = stage;
  await bot('PUT', '/v1/queues/approvals', { widen_after: '2s', priority_group: ['U0JANE'], accept_target: '6s', accept_within: '9s' });
  await stuck(stage);
  await asks(stage, { ...MUCH, queue: 'approvals' });
  await shot.messages('queue-prompt', jane, await jane.reads('direct', 'wants an expense'));
  await shot.messages('queue-widened', jane, await jane.reads('approvals', '<!here>'));
  await shot.messages('queue-accept-warning', jane, await jane.reads('approvals', '🟡'));
  await shot.messages('queue-accept-breached', jane, await jane.reads('approvals', '🔴'));
  await shot.messages('queue-nobody', jane, await jane.reads('approvals', 'Nobody picked'));
  await shot.messages('customer-nobody', phil, await phil.reads('How can we reach you'));
  await phil.says('phil@acme.example');
  await shot.messages('customer-contact-kept', phil, await phil.reads('Thank'));
  await shot.messages('queue-contact', jane, await jane.reads('approvals', 'How to reach'));
}
