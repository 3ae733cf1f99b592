/** What agents read in the triage channel, and where they mention the app. */

import { ROOM, opened, stuck } from './story.js';

export async function triage(stage, shot) {
  const { jane } = stage;
  await stuck(stage);
  const card = await jane.reads('triage', 'megatron.reviewed');
  await shot.messages('triage-new', jane, card);
  await jane.presses(card, 'Reviewed');
  const reviewed = await jane.reads('triage', '*Reviewed*');
  await shot.messages('triage-reviewed', jane, reviewed);
  await jane.presses(reviewed, 'Spam');
  await shot.messages('triage-spam', jane, await jane.reads('triage', 'megatron.triage_not_spam'));
}

export async function mentioned(stage, shot) {
  const { jane } = stage;
  await opened(stage);
  await jane.says('helpdesk', '<@U0MEGATRON>');
  await shot.messages('mention-queue', jane, await jane.reads('helpdesk', 'This is the channel of'));
  await jane.says(ROOM, '<@U0MEGATRON>');
  await shot.messages('mention-room', jane, await jane.reads(ROOM, 'This is the room of'));
}
