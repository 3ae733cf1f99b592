import assert from 'node:assert/strict';
import { test } from 'node:test';

import { ago, formatted } from '../../../src/demo/page/js/text/dates.js';

/** 2026-11-20 21:30:15 in London. */
const NOW = Date.UTC(2026, 10, 20, 21, 30, 15) / 1000;
const at = (ts, format, timeZone = 'Europe/London') => formatted(ts, format, { now: NOW, timeZone }).replace(/\u202f/g, ' ');

test('a date is written as Slack writes it', () => {
  assert.equal(at(NOW, '{date} at {time}'), 'November 20, 2026 at 9:30 PM');
  assert.equal(at(NOW, '{date_num} {time_secs}'), '2026-11-20 9:30:15 PM');
  assert.equal(at(NOW, '{date_short}, {date_long}'), 'Nov 20, 2026, Friday, November 20, 2026');
});

test('pretty dates say today and yesterday, where the reader is', () => {
  assert.equal(at(NOW, '{date_pretty}'), 'Today');
  assert.equal(at(NOW - 86_400, '{date_short_pretty}'), 'Yesterday');
  assert.equal(at(NOW - 3 * 86_400, '{date_short_pretty}'), 'Nov 17, 2026');
  // In Auckland it is Saturday already.
  assert.equal(at(NOW - 12 * 3600, '{date_pretty}', 'Pacific/Auckland'), 'Yesterday');
});

test('how long ago, in the largest unit', () => {
  assert.deepEqual(
    [20, 90, 7200, 3 * 86_400].map((seconds) => ago(NOW - seconds, NOW)),
    ['just now', '1 minute ago', '2 hours ago', '3 days ago'],
  );
  assert.equal(ago(NOW + 7200, NOW), 'in 2 hours');
});

test('what is no format stays', () => {
  assert.equal(at(NOW, '{colour} {time}'), '{colour} 9:30 PM');
});
