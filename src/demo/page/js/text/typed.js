/** What somebody types, as Slack's own clients send it: escaped, with mentions and links as tokens. Pure. */

/**
 * @param {string} text
 * @param {{people: {id: string, name: string}[], channels: {id: string, name: string}[], labels?: boolean}} known
 *   with `labels` as in a command: the mention carries its name
 */
export function typed(text, { people, channels, labels = false }) {
  const escaped = text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  return escaped
    .split(/(```[^]*?```|`[^`\n]+`)/)
    .map((part, number) => (number % 2 ? part : tokens(part, people, channels, labels)))
    .join('');
}

/** The words of a message as they were typed. */
export function untyped(text, { people, channels }) {
  const named = (list, sign, id) => sign + (list.find((one) => one.id === id)?.name ?? id);
  return text
    .replace(/<@(\w+)(?:\|[^>]*)?>/g, (_, id) => named(people, '@', id))
    .replace(/<#(\w+)(?:\|[^>]*)?>/g, (_, id) => named(channels, '#', id))
    .replace(/<!(here|channel|everyone)(?:\|[^>]*)?>/g, '@$1')
    .replace(/<((?:https?|mailto):[^|>]+)(?:\|([^>]*))?>/g, (_, url, label) => label || url)
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&');
}

function tokens(text, people, channels, labels) {
  let found = text.replace(/\bhttps?:\/\/[^\s<>]+[^\s<>.,:;!?)\]'"]/g, (url) => `<${url}>`);
  found = found.replace(/(^|[\s(])@(here|channel|everyone)\b/g, '$1<!$2>');
  for (const { id, name } of longestFirst(people)) {
    found = found.replace(mark('@', name), (_, before) => `${before}<@${id}${labels ? `|${name}` : ''}>`);
  }
  for (const { id, name } of longestFirst(channels)) {
    found = found.replace(mark('#', name), (_, before) => `${before}<#${id}|${name}>`);
  }
  return found;
}

function longestFirst(named) {
  return named.filter(({ name }) => name).sort((one, other) => other.name.length - one.name.length);
}

/** A name after its sign, not in the middle of a word. */
function mark(sign, name) {
  const quoted = name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  return new RegExp(`(^|[\\s(])${sign}${quoted}(?![\\p{L}\\p{N}_-])`, 'giu');
}
