/** What could be meant while somebody types: commands, customers, people, channels, emoji. Pure. */

import { emoji, names } from './emoji.js';

/** People, channels or emoji at once; of commands one sees all. */
const MOST = 10;

/**
 * @typedef {{insert: string, label: string, hint: string}} Item
 * @typedef {{command: string, commands: {usage: string, what: string}[], customers: string[], people: string[], channels: string[]}} Known
 */

/**
 * @param {string} text what stands before the caret
 * @param {Known} known
 * @returns {{from: number, items: Item[]} | null} where the text begins that an item replaces
 */
export function completions(text, known) {
  const found = ofCommand(text, known) ?? ofSign(text, known);
  return found && found.items.length > 0 ? found : null;
}

function ofCommand(text, { command, commands, customers }) {
  if (!command || !text.startsWith('/') || text.includes('\n')) return null;
  if (!text.includes(' ')) {
    const about = commands.length ? 'what the support team can do' : '';
    return { from: 0, items: command.startsWith(text) ? [{ insert: `${command} `, label: command, hint: about }] : [] };
  }
  if (!text.startsWith(`${command} `)) return null;
  const from = command.length + 1;
  const rest = text.slice(from).toLowerCase();
  const matching = commands.filter(({ usage }) => verb(usage).startsWith(rest) || rest.startsWith(`${verb(usage)} `));
  const exact = matching.find(({ usage }) => rest.startsWith(`${verb(usage)} `));
  if (!exact) {
    const items = matching.map(({ usage, what }) => ({
      insert: verb(usage) + (usage === verb(usage) ? '' : ' '),
      label: usage,
      hint: what,
    }));
    return { from, items: items.length === 1 && items[0].insert === rest ? [] : items };
  }
  if (!/[<[]customer/.test(exact.usage)) return { from, items: [] };
  const begun = verb(exact.usage).length + 1;
  const name = rest.slice(begun);
  // Whose name is whole comes first, so that Enter means them.
  const offered = customers
    .filter((customer) => customer.toLowerCase().startsWith(name))
    .sort((one, other) => one.length - other.length);
  return { from: from + begun, items: offered.map((customer) => ({ insert: customer, label: customer, hint: 'customer' })) };
}

/** The words of a command before what is to be filled in. */
function verb(usage) {
  return usage.split(/[ ]*[<[]/)[0];
}

function ofSign(text, { people, channels }) {
  const found = text.match(/(?:^|[\s(])([@#:])([\p{L}\p{N}_+'-]*)$/u);
  if (!found) return null;
  const [, sign, word] = found;
  const from = text.length - word.length - 1;
  const begins = (name) => name.toLowerCase().startsWith(word.toLowerCase());
  const item = (name) => ({ insert: `${sign}${name} `, label: `${sign}${name}`, hint: '' });
  if (sign === '@') return { from, items: people.filter(begins).slice(0, MOST).map(item) };
  if (sign === '#') return { from, items: channels.filter(begins).slice(0, MOST).map(item) };
  if (word.length < 2) return null;
  return {
    from,
    items: names()
      .filter((name) => name.includes(word.toLowerCase()))
      .slice(0, MOST)
      .map((name) => ({ insert: `${emoji(name)} `, label: `${emoji(name)} :${name}:`, hint: '' })),
  };
}
