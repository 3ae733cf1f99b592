/** What agents see on the app's Home. */

import { asks, paused } from './story.js';

export async function home(stage, shot) {
  const { philippa, jane } = stage;
  await jane.opensHome('Find a customer');
  await shot.home('home-empty', jane, 'Find a customer');
  await paused(stage);
  await philippa.says('I want to talk to a human');
  await jane.reads('helpdesk', 'Philippa');
  await jane.opensHome('Philippa');
  await shot.home('home', jane, 'Philippa');
}
