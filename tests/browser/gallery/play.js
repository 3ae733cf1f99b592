/** A play: a demo of its own, and people in it who act as the page does, by its protocol, and see what the page is told. */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

import { empty, take } from '../../../src/demo/page/js/data/state.js';

const PROGRAM = process.env.MEGATRON_BIN ?? fileURLToPath(new URL('../../../target/debug/megatron', import.meta.url));
/** The key of the demo's bot, as `megatron demo` prints it. */
const BOTS_KEY = 'mgt_demo_key_of_the_expense_bot';
/** How long something may take until it is seen, in milliseconds. */
const PATIENCE = 60_000;

/** Starts a demo. */
export async function play() {
  const demo = spawn(PROGRAM, ['demo', '--listen', '127.0.0.1:0'], { stdio: ['ignore', 'pipe', 'inherit'] });
  let printed = '';
  while (!printed.includes('in your browser')) printed += (await once(demo.stdout, 'data'))[0];
  demo.stdout.resume();
  const [address] = printed.match(/http:\/\/127\.0\.0\.1:\d+/);
  const people = [new Customer(address, 'U0PHIL'), new Customer(address, 'U0PHILIPPA'), new Agent(address, 'U0JANE'), new Agent(address, 'U0RAJ')];
  await Promise.all(people.map((person) => person.arrive()));
  const [phil, philippa, jane, raj] = people;
  return {
    address,
    phil,
    philippa,
    jane,
    raj,
    /** The bot calls the service. */
    bot: (method, path, body) => ask(address + path, { method, body, headers: { Authorization: `Bearer ${BOTS_KEY}` } }),
    /** Something breaks, or works again. */
    turn: (switches) => ask(`${address}/demo/switches`, { method: 'POST', body: switches }),
    end() {
      for (const person of people) person.leave();
      demo.kill();
    },
  };
}

async function ask(url, { method, body, headers = {} }) {
  const answer = await fetch(url, { method, headers: { ...headers, 'Content-Type': 'application/json' }, body: JSON.stringify(body) });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${method} ${url} ${JSON.stringify(body)}: ${answer.status} ${text}`);
  return text && JSON.parse(text);
}

/** Somebody who acts, and sees what their page would. */
class Person {
  state = empty();
  #left = new AbortController();
  #told = () => {};

  constructor(address, user, team, query) {
    Object.assign(this, { address, user, team, query });
  }

  /** Begins to look, until it is known who plays. */
  async arrive() {
    const { body } = await fetch(`${this.address}/demo/state?${this.query}`, { signal: this.#left.signal });
    this.#look(body).catch((error) => this.#left.signal.aborted || console.error(error));
    await this.until('the cast', ({ cast }) => cast);
  }

  leave() {
    this.#left.abort();
  }

  async #look(body) {
    let told = '';
    for await (const piece of body.pipeThrough(new TextDecoderStream())) {
      told += piece;
      const events = told.split('\n\n');
      told = events.pop();
      const data = events.map((event) => event.match(/^data: ?(.*)$/m)?.[1]).filter(Boolean);
      for (const part of data) take(this.state, JSON.parse(part));
      this.#told();
    }
  }

  /** Waits until something is found in what this person sees. */
  async until(what, find) {
    const end = Date.now() + PATIENCE;
    for (;;) {
      const found = find(this.state);
      if (found) return found;
      const left = end - Date.now();
      if (left <= 0) throw new Error(`${this.user} does not see ${what}`);
      await Promise.race([new Promise((resolve) => (this.#told = resolve)), new Promise((resolve) => setTimeout(resolve, left))]);
    }
  }

  act(what) {
    return ask(`${this.address}/demo/act`, { method: 'POST', body: { team: this.team, user: this.user, ...what } });
  }
}

/** Somebody who talks with the bot. */
class Customer extends Person {
  constructor(address, user) {
    super(address, user, 'T0ACME', `customer=${user}`);
  }

  get dm() {
    return this.state.dm.id;
  }

  async says(text) {
    await this.act({ do: 'say', channel: this.dm, text });
    return this.reads(text);
  }

  /** Waits for the newest message with these words. */
  reads(words) {
    return this.until(`“${words}”`, ({ dm }) => newest(dm.messages, words));
  }
}

/** Somebody who helps customers. */
class Agent extends Person {
  /** The last message when they typed a command. */
  #asked = '';

  constructor(address, user) {
    super(address, user, 'T0INITECH', `agent=${user}`);
  }

  /** The id of a channel, by id or by the beginning of its name; `direct` is the app's DM. */
  channel(name) {
    const is = (one) => one.id === name || (name === 'direct' ? one.kind === 'dm' : one.name.startsWith(name) && !one.archived);
    return this.until(`#${name}`, ({ channels }) => channels.find(is)?.id);
  }

  async says(name, text, thread) {
    const channel = await this.channel(name);
    await this.act({ do: 'say', channel, text, thread_ts: thread?.ts });
    return this.reads(name, text);
  }

  /** Types a command; what is told before it does not count as its answer. */
  async command(text, name = 'support') {
    const channel = await this.channel(name);
    this.#asked = this.state.messages.get(channel)?.at(-1)?.ts ?? '';
    return this.act({ do: 'command', channel, text });
  }

  /** Waits for the newest message with these words that everybody reads in a channel. */
  reads(name, words) {
    return this.#finds(name, words, ({ ephemeral }) => !ephemeral);
  }

  /** Waits for the newest one that nobody else reads. */
  isTold(name, words) {
    return this.#finds(name, words, ({ ephemeral, ts }) => ephemeral && ts > this.#asked);
  }

  async #finds(name, words, fits) {
    const channel = await this.channel(name);
    const find = ({ messages }) => newest((messages.get(channel) ?? []).filter(fits), words);
    return { ...(await this.until(`“${words}” in #${name}`, find)), channel };
  }

  /** Presses a button, or chooses from a menu, in a message that has it. */
  async presses(message, label, value) {
    const { channel, ts, ephemeral, blocks } = message;
    const spot = ephemeral ? { ephemeral: { channel, ts } } : { message: { channel, ts } };
    return this.act({ do: 'click', spot, action_id: touched(blocks, label), value });
  }

  /** Uses a shortcut on a message. */
  uses({ channel, ts }, name) {
    const shortcut = this.state.cast.message_shortcuts.find((one) => one.name === name);
    return this.act({ do: 'message_shortcut', channel, ts, callback_id: shortcut.callback_id });
  }

  /** Uses a shortcut of the whole app. */
  usesGlobally(name) {
    const shortcut = this.state.cast.global_shortcuts.find((one) => one.name === name);
    return this.act({ do: 'global_shortcut', callback_id: shortcut.callback_id });
  }

  /** Waits for a dialog that has these words. */
  dialog(words) {
    return this.until(`the dialog “${words}”`, ({ modals }) => newest(modals, words));
  }

  /** Sends a dialog: for each input, by its block's id, the text or the chosen option's value; what is not given stays as it is. */
  async sends(view, given) {
    const inputs = view.blocks.filter(({ type }) => type === 'input');
    const values = inputs.map(({ block_id: id, element }) => [id, { [element.action_id]: answer(element, given[id]) }]);
    await this.act({ do: 'submit', view: view.id, values: Object.fromEntries(values) });
  }

  /** Closes a dialog without sending it. */
  async closes({ id }) {
    await this.act({ do: 'close', view: id });
    await this.until('that it is closed', ({ modals }) => modals.every((one) => one.id !== id));
  }

  /** Opens the app's Home, and waits until it has these words. */
  async opensHome(words) {
    await this.act({ do: 'home' });
    return this.until(`“${words}” on Home`, ({ home }) => home && says(home, words) && home);
  }
}

/** The newest that is there and has these words. */
function newest(all, words) {
  return all.findLast((one) => !one.deleted && says(one, words));
}

function says({ text, blocks, title, files, attachments, reactions }, words) {
  const said = JSON.stringify([text, blocks, title, files, attachments, reactions]);
  return words instanceof RegExp ? words.test(said) : said.includes(words);
}

/** The id of the element with this label, or of the only menu. */
function touched(blocks, label) {
  const elements = blocks.flatMap((block) => [...(block.elements ?? []), block.accessory ?? []].flat());
  const found = elements.find((one) => (one.text?.text ?? one.placeholder?.text) === label);
  if (!found) throw new Error(`there is no “${label}” in ${JSON.stringify(elements)}`);
  return found.action_id;
}

function answer({ type, options, ...element }, given) {
  if (given === undefined) {
    const initial = Object.entries(element).filter(([name]) => name.startsWith('initial_'));
    const called = (name) => (name === 'initial_value' ? 'value' : name.replace('initial', 'selected'));
    return { type, ...Object.fromEntries(initial.map(([name, value]) => [called(name), value])) };
  }
  const groups = element.option_groups?.flatMap((group) => group.options) ?? options;
  const option = groups?.find(({ value }) => value === given);
  return option ? { type, selected_option: option } : { type, value: given };
}
