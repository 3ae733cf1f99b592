/**
 * Phil's story in six steps. What has been done is read from what Slack shows, so that a reload goes on where one was, and it
 * does not matter whether one presses "Do it for me" or does it. Pure: nothing but the state is read.
 */

/**
 * What the steps look at.
 * @typedef {{cast: any, dm: {messages: any[]}, channels: any[], messages: Map<string, any[]>, control: any[]}} State
 * @typedef {{customer: any, agent: any, since: Record<string, string>}} Play `since`, by channel: what was said up to this `ts`
 *   is another story
 *
 * @typedef {{title: string, text: string, where: string, pane: "customer" | "agent", done: (state: State, play: Play) => boolean,
 *   act: (state: State, play: Play) => any, goesOn?: (state: State, play: Play) => boolean}} Step `where` is a selector of what to point
 *   at, `act` what "Do it for me" does: who, what, and where the agent looks then; once more when it `goesOn`
 */

/** What Phil writes before somebody helps. */
const PLEAS = ['Hi! My expense EXP-1042 is stuck.', 'Dana left in March.'];

/** @type {Step[]} */
export const STEPS = [
  {
    title: 'Phil is stuck with the bot',
    text: 'You play both sides. On the left you are Phil, a customer, talking with Expense Bot. Ask it about your expense EXP-1042, and tell it that Dana left in March: it does not understand.',
    where: '#customer .conversation > .column .composer',
    pane: 'customer',
    done: (state, play) => answered(state, play) >= PLEAS.length,
    goesOn: (state, play) => pleas(state, play).length === answered(state, play),
    act: (state, play) => ({
      by: play.customer,
      what: { do: 'say', channel: play.customer.dm, text: PLEAS[Math.min(pleas(state, play).length, PLEAS.length - 1)] },
    }),
  },
  {
    title: 'Jane opens a room for Phil',
    text: 'On the right you are Jane, of the support team. Type “/megatron open Phil”. A room opens, with what was said so far. From now on it shows both sides.',
    where: '#agent .conversation > .column .composer',
    pane: 'agent',
    done: (state, play) => Boolean(openRoom(state, play)),
    act: (state, { agent, customer }) => ({
      by: agent,
      what: { do: 'command', channel: usual(state, agent)?.id, text: `open ${customer.name.toLowerCase()}` },
      look: usual(state, agent)?.id,
    }),
  },
  {
    title: 'Jane pauses the bot',
    text: 'In the room, press “Pause the bot” on the card, or type “/megatron pause”. Phil reads that a human is here, and Expense Bot falls silent.',
    where: '#agent .conversation > .column',
    pane: 'agent',
    done: ({ control }, { customer }) => control.some((one) => one.customer === customer.user && one.paused),
    act: (state, play) => inRoom(state, play, { do: 'command', text: 'pause' }),
  },
  {
    title: 'Jane answers',
    text: 'Write to Phil in the room, as in any conversation. Phil reads it from Expense Bot, with Jane’s name below.',
    where: '#agent .conversation > .column .composer',
    pane: 'agent',
    done: (state, play) => answers(state, play).some((message) => isHeard(state, play, message)),
    act: (state, play) => inRoom(state, play, { do: 'say', text: told('Hi Phil, Jane here. I am looking into it.', play) }),
  },
  {
    title: 'A note stays inside',
    text: 'Replies in a thread are notes for the team. Reply to a message in the room, and look at Phil’s side: it is not there.',
    where: '#agent .log',
    pane: 'agent',
    done: (state, play) => notes(state, play).length > 0,
    act: (state, play) => {
      const thread_ts = answers(state, play).at(-1)?.ts ?? said(state, story(state, play)).at(-1)?.ts;
      const note = inRoom(state, play, { do: 'say', text: 'Note for us: Dana is gone. Who approves now?', thread_ts });
      return { ...note, thread: thread_ts };
    },
  },
  {
    title: 'Jane closes the room',
    text: 'Type “/megatron close” in the room, or press “Close” on its card. The room is archived, Phil is told, and Expense Bot answers again.',
    where: '#agent .conversation > .column .composer',
    pane: 'agent',
    done: (state, play) => {
      const room = story(state, play);
      return Boolean(room?.archived) && notesAndAnswers(state, play).length > 0;
    },
    act: (state, play) => inRoom(state, play, { do: 'command', text: 'close' }),
  },
];

/** Words of the tour, for whoever plays Phil and Jane. */
export function told(words, { customer, agent }) {
  return words.replaceAll('Phil', customer.name).replaceAll('Jane', agent.name);
}

/**
 * How many steps are done. One that is done takes those before it along: nobody goes back to them.
 * @param {State} state
 * @param {Play} play
 * @param {number[]} skipped numbers of steps that were skipped
 */
export function progress(state, play, skipped) {
  const done = STEPS.findLastIndex((step) => step.done(state, play)) + 1;
  let at = done;
  while (skipped.includes(at)) at += 1;
  return at;
}

/** The newest thing that was said, by channel: a story begun now begins after it. */
export function newest({ dm, channels }) {
  const all = [{ id: dm.id, last_ts: dm.messages.at(-1)?.ts }, ...channels];
  return Object.fromEntries(all.map(({ id, last_ts: last }) => [id, last ?? '']));
}

/** Whether this belongs to the story. */
function isNew(ts, channel, { since }) {
  return (ts ?? '') > (since[channel] ?? '');
}

/** What the customer has written to the bot. */
function pleas({ dm }, play) {
  return dm.messages.filter(({ user, ts, deleted }) => user === play.customer.user && isNew(ts, dm.id, play) && !deleted);
}

/** How many of these the bot has heard and answered. */
function answered(state, play) {
  const last = state.dm.messages.findLast(({ user }) => user === state.cast.bot.user);
  return pleas(state, play).filter(({ ts }) => ts < (last?.ts ?? '')).length;
}

/** The customer's room: the open one, or the closed one where something was said since the story began. */
function story(state, play) {
  const closed = state.channels.filter(({ archived, id, last_ts: last }) => archived && isNew(last, id, play));
  return openRoom(state, play) ?? closed.find((channel) => isOf(state, channel, play.customer));
}

function openRoom(state, { customer }) {
  const known = state.control.find((one) => one.customer === customer.user)?.room;
  const rooms = state.channels.filter(({ kind, archived }) => kind === 'room' && !archived);
  return rooms.find(({ id }) => id === known) ?? rooms.find((channel) => isOf(state, channel, customer));
}

/** Whether a channel shows what the customer says. */
function isOf(state, { id, kind }, { name }) {
  return kind === 'room' && said(state, { id }).some(({ author }) => author === name);
}

function said(state, channel) {
  const all = (channel && state.messages.get(channel.id)) ?? [];
  return all.filter(({ deleted, ephemeral }) => !deleted && !ephemeral);
}

/** What agents have written in the story's room. */
function notesAndAnswers(state, play) {
  const agents = new Set(state.cast.agents.map(({ user }) => user));
  const room = story(state, play);
  const own = said(state, room).filter(({ user, subtype }) => agents.has(user) && !/^(channel|group)_/.test(subtype));
  return own.filter(({ ts }) => isNew(ts, room.id, play));
}

function answers(state, play) {
  return notesAndAnswers(state, play).filter(({ ts, thread_ts: thread }) => !thread || thread === ts);
}

function notes(state, play) {
  return notesAndAnswers(state, play).filter(({ ts, thread_ts: thread }) => thread && thread !== ts);
}

function isHeard({ cast, dm }, play, { text }) {
  const heard = dm.messages.filter(({ user, ts }) => user === cast.bot.user && isNew(ts, dm.id, play));
  return heard.some((message) => message.text.includes(text));
}

function inRoom(state, play, what) {
  const room = openRoom(state, play);
  return { by: play.agent, what: { ...what, channel: room?.id }, look: room?.id };
}

/** Where agents are when no customer needs them. */
function usual({ channels }, { user }) {
  const open = channels.filter(({ kind, archived }) => kind === 'channel' && !archived);
  return open.find(({ members }) => members.includes(user)) ?? open[0];
}
