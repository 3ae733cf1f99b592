/** What the page asks of the server. A refusal becomes a note at the edge of the page. */

import { toast } from '../show/toast.js';

/**
 * Somebody does something in Slack.
 * @param {{team: string, user: string}} who
 * @param {{do: string} & Record<string, any>} what
 * @returns {Promise<any>} the answer, or nothing if it was refused
 */
export async function act({ team, user }, what) {
  return post('/demo/act', { team, user, ...what });
}

/** Breaks something, or mends it. */
export async function turn(switches) {
  return post('/demo/switches', switches);
}

async function post(path, body) {
  let answer;
  try {
    const headers = { 'Content-Type': 'application/json' };
    answer = await fetch(path, { method: 'POST', headers, body: JSON.stringify(body) });
  } catch {
    toast('The demo does not answer. Is it still running?');
    return undefined;
  }
  const said = await answer.json().catch(() => ({}));
  if (answer.ok) return said;
  toast(said.error ?? `The demo answered with status ${answer.status}.`);
  return undefined;
}
