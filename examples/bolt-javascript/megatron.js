// What a bot needs of Megatron: its HTTP interface, and who has control. Copy it into your bot.
//
// A place is `{ team, channel }`: one DM with one customer.

import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';

const UNKNOWN = { holder: 'bot', paused: false, epoch: -1 };
const AGAIN = [408, 429, 500, 502, 503, 504];
const PAUSES = [200, 400, 800]; // milliseconds

export const keyOf = ({ team, channel }) => `${team} ${channel}`;

export class Megatron {
  #controls = new Map(); // A bot with several processes keeps this in its database.

  /** `url` is where Megatron listens, `key` the `api_key` of this bot in its configuration. */
  constructor(url, key) {
    this.url = url.replace(/\/$/, '');
    this.key = key;
  }

  /** Who answers in this place, as far as is known: `{ holder, paused, epoch }`. */
  control(place) {
    return this.#controls.get(keyOf(place)) ?? UNKNOWN;
  }

  /** Callbacks and answers overtake each other: the highest epoch is the newest. */
  learn(place, control) {
    if (control && control.epoch >= this.control(place).epoch) this.#controls.set(keyOf(place), control);
  }

  /** Passes on what was said, in any shape that /ingest takes. */
  async ingest(place, body) {
    try {
      const { control } = await this.#post('/ingest', body);
      this.learn(place, control);
    } catch (error) {
      // No reason to leave the customer alone. Megatron looks in the history for what it has missed.
      console.error('could not pass on what was said:', error.message);
    }
  }

  /** Says something as the bot, if control is still as it was in `epoch`; whether it will. */
  async say(place, text, epoch) {
    const { status, control } = await this.#post(at(place, 'messages'), { message: { text }, control_epoch: epoch });
    if (status === 409) this.learn(place, control);
    return status !== 409;
  }

  /** Asks for a human; whether one was asked. The customer is told by Megatron. */
  async askForHuman(place, user, reason, summary) {
    try {
      const { status, code, conversation } = await this.#post(at(place, 'handoffs'), { user_id: user, reason, summary });
      // With other codes than these somebody is there already.
      if (status === 409) return !['no_queue', 'spam', 'conflict'].includes(code);
      this.learn(place, conversation.control);
      return true;
    } catch (error) {
      console.error('could not ask for a human:', error.message);
      return false;
    }
  }

  /** Tells the agents something, if they have a room. With the same `key` it is told once. */
  async whisper({ team, channel }, text, key) {
    await this.#post('/v1/notices', { team_id: team, channel_id: channel, text }, key);
  }

  /** The answer to a POST, also to one that was refused with 409. What was not answered is sent again. */
  async #post(path, body, key = randomUUID()) {
    const headers = { authorization: `Bearer ${this.key}`, 'content-type': 'application/json' };
    // The key makes it safe to send this again; /ingest recognises a message without one.
    if (path !== '/ingest') headers['idempotency-key'] = key;
    const request = { method: 'POST', headers, body: JSON.stringify(body) };
    for (let tries = 0; ; tries += 1) {
      try {
        const response = await fetch(this.url + path, { ...request, signal: AbortSignal.timeout(5000) });
        if (response.ok || response.status === 409) return { ...(await response.json()), status: response.status };
        const refused = new Error(`${path} was answered ${response.status}: ${await response.text()}`);
        throw Object.assign(refused, { final: !AGAIN.includes(response.status) });
      } catch (error) {
        if (error.final || tries === PAUSES.length) throw error;
        await pause(PAUSES[tries]);
      }
    }
  }
}

const at = ({ team, channel }, what) => `/v1/conversations/${team}/${channel}/${what}`;
