/** Slack's mrkdwn as a tree of pieces. Pure; `show/text.js` draws the tree. */

import { emoji } from './emoji.js';
import { piece, unescape } from './tokens.js';

const STYLES = { '*': 'bold', _: 'italic', '~': 'strike' };

/**
 * @param {string} text
 * @returns {import("./tokens.js").Piece[]}
 */
export function mrkdwn(text) {
  const pieces = [];
  text.split('```').forEach((part, number, all) => {
    const closed = number < all.length - 1;
    if (number % 2 === 0) pieces.push(...paragraphs(trimmed(part, number > 0, closed)));
    else if (closed && part.trim()) pieces.push({ kind: 'pre', text: bare(part.replace(/^\n|\n$/g, '')) });
    else pieces.push(...paragraphs('```' + part));
  });
  return pieces;
}

/**
 * A text without marks: only emoji and entities mean something.
 * @param {string} text
 */
export function plain(text) {
  return inline(text, { marks: false });
}

/** A line break beside a block of code is not shown. */
function trimmed(part, after, before) {
  if (after) part = part.replace(/^\n/, '');
  return before ? part.replace(/\n$/, '') : part;
}

/** Quotes, and the lines between them. */
function paragraphs(text) {
  const groups = [];
  let rest = false;
  for (const line of text.split('\n')) {
    const mark = rest ? null : line.match(/^(?:&gt;|>)(?:(?:&gt;|>){2})?[ ]?/);
    rest ||= mark !== null && mark[0].replaceAll('&gt;', '>').startsWith('>>>');
    const quoted = rest || mark !== null;
    const words = mark ? line.slice(mark[0].length) : line;
    const last = groups.at(-1);
    if (last && last.quoted === quoted) last.lines.push(words);
    else groups.push({ quoted, lines: [words] });
  }
  return groups.flatMap(({ quoted, lines }) => {
    const parts = inline(lines.join('\n'), { marks: true });
    return quoted ? [{ kind: 'quote', parts }] : parts;
  });
}

function inline(text, { marks }) {
  const pieces = [];
  let words = '';
  const push = (next) => {
    if (words) pieces.push({ kind: 'text', text: unescape(words) });
    words = '';
    if (next) pieces.push(next);
  };
  for (let at = 0; at < text.length;) {
    const found = special(text, at, marks);
    if (found) {
      push(found.piece);
      at = found.end;
    } else {
      words += text[at];
      at += 1;
    }
  }
  push();
  return pieces;
}

/** What begins at this place, and where it ends; nothing for ordinary text. */
function special(text, at, marks) {
  const sign = text[at];
  if (sign === ':') {
    const name = text.slice(at).match(/^:([a-z0-9_+'-]+):(?::skin-tone-\d:)?/);
    const found = name && emoji(name[1]);
    return found ? { piece: { kind: 'emoji', id: name[1], text: found }, end: at + name[0].length } : null;
  }
  if (!marks) return null;
  if (sign === '<') {
    const end = text.indexOf('>', at);
    return end > at + 1 ? { piece: piece(text.slice(at + 1, end)), end: end + 1 } : null;
  }
  if (sign === '`') {
    const end = text.indexOf('`', at + 1);
    const code = end < 0 ? '' : text.slice(at + 1, end);
    return code.trim() && !code.includes('\n') ? { piece: { kind: 'code', text: bare(code) }, end: end + 1 } : null;
  }
  if (!(sign in STYLES) || isWord(text[at - 1]) || !text[at + 1]?.trim()) return null;
  const end = closing(text, at, sign);
  if (end < 0) return null;
  return { piece: { kind: STYLES[sign], parts: inline(text.slice(at + 1, end), { marks }) }, end: end + 1 };
}

/** Where a mark ends: on the same line, after a word and not before one, outside of code and tokens. */
function closing(text, from, sign) {
  for (let at = from + 1; at < text.length && text[at] !== '\n'; at += 1) {
    if (text[at] === sign && at > from + 1 && text[at - 1].trim() && !isWord(text[at + 1])) return at;
    const end = text[at] === '<' ? text.indexOf('>', at) : text[at] === '`' ? text.indexOf('`', at + 1) : -1;
    if (end > 0) at = end;
  }
  return -1;
}

function isWord(sign) {
  return sign !== undefined && /[\p{L}\p{N}]/u.test(sign);
}

/** Code shows tokens by what they say. */
function bare(code) {
  return unescape(code.replace(/<([^>\n]+)>/g, (_, token) => piece(token).text || token));
}
