// A Slack bot with a human behind it: Bolt for JavaScript, and Megatron.
//
//   npm ci && npm start

import { text as read } from 'node:stream/consumers';

import { App } from '@slack/bolt';
import { Webhook, WebhookVerificationError } from 'standardwebhooks';

import * as brain from './brain.js';
import { Megatron, keyOf } from './megatron.js';

const { SLACK_BOT_TOKEN, SLACK_SIGNING_SECRET, SLACK_API_URL, MEGATRON, KEY, CALLBACK_SECRET, PORT } = process.env;
const megatron = new Megatron(MEGATRON, KEY);
const callbacks = new Webhook(CALLBACK_SECRET);
const app = new App({
  token: SLACK_BOT_TOKEN,
  signingSecret: SLACK_SIGNING_SECRET,
  clientOptions: SLACK_API_URL ? { slackApiUrl: SLACK_API_URL } : {},
  customRoutes: [{ path: '/megatron', method: 'POST', handler: callback }],
});
const slack = app.client;
const me = await slack.auth.test();

/** What the bot remembers of each conversation. */
const talks = new Map();
function talk(place) {
  const fresh = () => ({
    done: '', // The `ts` up to which everything is dealt with. They are of one length, and compare as text.
    missed: 0, // How often in a row the bot did not understand.
    lines: [], // What was said last, for the agent who takes over.
    last: Promise.resolve(), // What is being done.
  });
  if (!talks.has(keyOf(place))) talks.set(keyOf(place), fresh());
  return talks.get(keyOf(place));
}

/** Does things of one conversation one after the other. */
function inTurn(place, act) {
  const here = talk(place);
  here.last = here.last.then(act).catch((error) => console.error('could not deal with something:', error));
}

// ── Slack: what the customer says ──

app.event(/^(message|reaction_added|reaction_removed|tokens_revoked|app_uninstalled)$/, async ({ body, event }) => {
  if ((event.channel_type ?? 'im') !== 'im') return;
  const place = { team: body.team_id, channel: event.channel ?? event.item?.channel ?? '' };
  inTurn(place, () => hear(place, body));
});

async function hear(place, body) {
  const { type, subtype, bot_id: bot, user, ts, text = '' } = body.event;
  await megatron.ingest(place, body); // First duty: what the customer said, as Slack sent it.
  if (type !== 'message' || subtype || bot) return;
  const here = talk(place);
  if (ts <= here.done) return; // Slack sends it again, or an agent has dealt with it.
  here.done = ts;
  remember(place, `Customer: ${text}`);
  const { paused, epoch } = megatron.control(place);
  if (paused) return; // Second duty: a human answers.
  const words = await brain.answer(place, user, text);
  if (words === brain.HUMAN) return askForHuman(place, user, 'The customer asks for a human.');
  if (words === null) return stuck(place, user);
  here.missed = 0;
  for (const one of words) {
    if (!(await answer(place, user, one, epoch))) return console.log('not said, since somebody has taken over meanwhile');
  }
}

async function stuck(place, user) {
  talk(place).missed += 1;
  if (talk(place).missed < 2) return say(place, user, 'Sorry, I did not understand that. Could you put it in other words?');
  await askForHuman(place, user, 'The bot did not understand twice.');
}

async function askForHuman(place, user, reason) {
  talk(place).missed = 0;
  const asked = await megatron.askForHuman(place, user, reason, talk(place).lines.join('\n'));
  if (!asked) await say(place, user, 'Sorry, I can reach nobody right now.');
}

/** Says what may have taken long to find out, unless control has moved on; whether it is said. */
async function answer(place, user, text, epoch) {
  try {
    if (!(await megatron.say(place, text, epoch))) return false;
    remember(place, `Bot: ${text}`);
  } catch (error) {
    console.error('Megatron is away:', error.message);
    await say(place, user, text);
  }
  return true;
}

/** Says something with the bot's own token, as any bot does, and passes it on. */
async function say(place, user, text) {
  const response = await slack.chat.postMessage({ channel: place.channel, text });
  remember(place, `Bot: ${text}`);
  await megatron.ingest(place, { team_id: place.team, user_id: user, response });
}

function remember(place, line) {
  talk(place).lines = [...talk(place).lines, line].slice(-10);
}

// ── Megatron: what the agents do ──

async function callback(request, response) {
  let [status, answer] = [200, {}];
  try {
    answer = await called(callbacks.verify(await read(request), request.headers), request.headers['webhook-id']);
  } catch (error) {
    status = error instanceof WebhookVerificationError ? 401 : 500;
    console.error('could not deal with a callback:', error.message);
  }
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
}

async function called({ type, data }, id) {
  if (type === 'command.search_customers') return { customers: await search(data.query) };
  if (type === 'command.refresh_token') return refresh(data.team_id);
  const place = { team: data.team_id, channel: data.channel_id };
  const here = talk(place);
  // Before control: what the agent has dealt with is not answered again.
  if (data.resume_after > here.done) here.done = data.resume_after;
  megatron.learn(place, data.control);
  if (data.handback_note) {
    remember(place, `Agent's note: ${data.handback_note}`);
    inTurn(place, () => brain.note(place, data.user_id, data.handback_note));
  }
  if (type === 'command.clear_context') {
    Object.assign(here, { lines: [], missed: 0 });
    await brain.forget(place, data.user_id);
  }
  if (type === 'command.do') inTurn(place, () => doIt(place, data, id));
  return {}; // Also to what is not known here.
}

/** An agent wants something: the answer is for the agents. A callback may come twice; the id makes it one answer. */
async function doIt(place, data, id) {
  const words = await brain.answer(place, data.user_id, data.text);
  const knows = Array.isArray(words) && words.length > 0;
  await megatron.whisper(place, knows ? words.join('\n') : 'Sorry, I do not know how to do that.', id);
}

/** Customers of that name, for `/megatron open`. Look into your own database instead: it is faster. */
async function search(query) {
  const found = [];
  for await (const page of slack.paginate('users.list', { limit: 200 })) {
    for (const user of page.members) {
      const fits = !user.is_bot && user.real_name?.toLowerCase().includes(query.toLowerCase());
      if (fits) found.push({ team_id: user.team_id, user_id: user.id, name: user.real_name });
    }
  }
  return found.slice(0, 20);
}

/** The token for a workspace. A bot in many workspaces looks into its installations. */
function refresh(team) {
  if (me.team_id !== team) return {};
  return { bot_token: SLACK_BOT_TOKEN, name: me.team, domain: new URL(me.url).hostname.split('.')[0] };
}

const server = await app.start(Number(PORT ?? 3000));
console.log(`listening on http://127.0.0.1:${server.address().port}`);
