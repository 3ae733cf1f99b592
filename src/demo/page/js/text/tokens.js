/** What Slack writes in angle brackets: people, channels, groups, dates, links. Pure; used by `mrkdwn` and `rich`. */

/**
 * A piece of a text: `kind` says which, the other fields depend on it.
 * @typedef {{kind: string, text?: string, parts?: Piece[], id?: string, url?: string, ts?: number, format?: string,
 *   items?: Piece[][], ordered?: boolean, indent?: number, start?: number, styles?: string[]}} Piece
 */

/**
 * Slack's three entities as signs.
 * @param {string} text
 */
export function unescape(text) {
  return text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');
}

/**
 * The piece for what stands between `<` and `>`.
 * @param {string} token
 * @returns {Piece}
 */
export function piece(token) {
  const bar = token.indexOf('|');
  const target = bar < 0 ? token : token.slice(0, bar);
  const label = bar < 0 ? '' : unescape(token.slice(bar + 1));
  const id = target.slice(1);
  if (/^@[UW]/.test(target)) return { kind: 'user', id, text: label };
  if (/^#[CGD]/.test(target)) return { kind: 'channel', id, text: label };
  if (target.startsWith('!date^')) return date(target, label);
  if (target.startsWith('!subteam^')) return { kind: 'group', id: target.slice(9), text: label.replace(/^@/, '') };
  if (target.startsWith('!')) return { kind: 'broadcast', text: label.replace(/^@/, '') || id };
  if (/^(https?:|mailto:|tel:|slack:)/i.test(target)) return link(unescape(target), label);
  return { kind: 'text', text: unescape(`<${token}>`) };
}

/** @returns {Piece} */
function date(target, fallback) {
  const [, ts, format, ...rest] = target.split('^');
  const url = rest.join('^');
  if (!/^-?\d+$/.test(ts) || !format) return { kind: 'text', text: fallback };
  return { kind: 'date', ts: Number(ts), format: unescape(format), url: unescape(url), text: fallback };
}

/** @returns {Piece} */
export function link(url, label) {
  return { kind: 'link', url, text: label || url.replace(/^(mailto|tel):/, '') };
}
