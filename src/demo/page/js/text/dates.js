/** Times as Slack shows them. Pure: now and the time zone are arguments. */

const LOCALE = 'en-US';
const DAY = 86_400;

/**
 * A date token, for instance `{date_short} at {time}`.
 * @param {number} ts seconds since 1970
 * @param {string} format
 * @param {{now: number, timeZone?: string}} at now, in seconds since 1970
 */
export function formatted(ts, format, { now, timeZone }) {
  const say = (options) => new Intl.DateTimeFormat(LOCALE, { timeZone, ...options }).format(ts * 1000);
  const full = { weekday: 'long', month: 'long', day: 'numeric', year: 'numeric' };
  const pretty = (options) => relative(ts, now, timeZone) ?? say(options);
  const long = { month: 'long', day: 'numeric', year: 'numeric' };
  const short = { month: 'short', day: 'numeric', year: 'numeric' };
  const said = {
    date_num: () => new Intl.DateTimeFormat('en-CA', { timeZone }).format(ts * 1000),
    date_slash: () => say({ month: '2-digit', day: '2-digit', year: 'numeric' }),
    date: () => say(long),
    date_short: () => say(short),
    date_long: () => say(full),
    date_pretty: () => pretty(long),
    date_short_pretty: () => pretty(short),
    date_long_pretty: () => pretty(full),
    day_divider_pretty: () => pretty(full),
    time: () => say({ hour: 'numeric', minute: '2-digit' }),
    time_secs: () => say({ hour: 'numeric', minute: '2-digit', second: '2-digit' }),
    ago: () => ago(ts, now),
  };
  return format.replace(/\{(\w+)\}/g, (token, name) => said[name]?.() ?? token);
}

/** "just now", "5 minutes ago", "in 2 hours". */
export function ago(ts, now) {
  const seconds = Math.round(ts - now);
  const scale = [
    ['day', DAY],
    ['hour', 3600],
    ['minute', 60],
  ];
  const [unit, length] = scale.find(([, length]) => Math.abs(seconds) >= length) ?? ['', 0];
  if (!unit) return 'just now';
  return new Intl.RelativeTimeFormat(LOCALE).format(Math.trunc(seconds / length), unit);
}

/** A clock time without the date, as beside a message. */
export function clock(ts, timeZone) {
  return formatted(ts, '{time}', { now: ts, timeZone });
}

function relative(ts, now, timeZone) {
  const day = (time) => {
    const [year, month, date] = new Intl.DateTimeFormat('en-CA', { timeZone }).format(time * 1000).split('-');
    return Date.UTC(year, month - 1, date) / 1000;
  };
  return { [-DAY]: 'Yesterday', 0: 'Today', [DAY]: 'Tomorrow' }[day(ts) - day(now)];
}
