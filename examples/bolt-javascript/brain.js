// What the bot understands: put your own in place of this. It knows nothing of Slack and of Megatron.

export const HUMAN = Symbol('a human is asked for');

/** What to answer, a list of texts. HUMAN asks for a human, null is for what it does not understand. It may take its time. */
export async function answer(place, user, text) {
  const words = new Set(text.toLowerCase().split(/[\s?!.,]+/));
  const hears = (...some) => some.some((word) => words.has(word));
  if (hears('human', 'person', 'agent', 'somebody')) return HUMAN;
  if (hears('report')) return [await report(user)];
  if (hears('hello', 'hi', 'hey')) return ['Hello! I can show you your *report*, or get you a *person*.'];
  return null;
}

/** The slow part: asks another system, if LEDGER names one. */
async function report(user) {
  if (!process.env.LEDGER) return 'You have no open expenses.';
  const url = new URL(process.env.LEDGER);
  url.searchParams.set('user', user);
  const response = await fetch(url, { signal: AbortSignal.timeout(60_000) });
  if (!response.ok) throw new Error(`the ledger answered ${response.status}`);
  return response.text();
}

/** An agent hands the customer back with this note. A cleverer brain makes something of it. */
export async function note(place, user, text) {}

/** Whatever was remembered of this conversation is to be forgotten. This brain remembers nothing. */
export async function forget(place, user) {}
