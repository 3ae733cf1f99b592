// Makes TypeScript of the bodies that the service has sent to Slack in tests: of the folder MEGATRON_TEST_CALLS, which
// tests/it/support/record.rs fills, to `generated/`, a file for each method. What it declares there, tsc checks.

import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';

import { ARGUMENTS, ATTACHMENTS, FIELDS, TYPES } from './exceptions.js';

const folder = process.env.MEGATRON_TEST_CALLS;
const methods = recorded();
const unchecked = new Map();

rmSync('generated', { recursive: true, force: true });
mkdirSync('generated');
for (const [method, calls] of Object.entries(methods)) {
  writeFileSync(`generated/${method}.ts`, imports(method) + calls.map((call, number) => declaration(call, number)).join(''));
}
report();

/** What was sent, by method, each distinct body once. */
function recorded() {
  const lines = new Set(readdirSync(folder).flatMap((file) => readFileSync(`${folder}/${file}`, 'utf8').split('\n')));
  const methods = {};
  for (const line of [...lines].filter(Boolean).sort()) {
    const call = JSON.parse(line);
    (methods[call.method] ??= []).push(call);
  }
  return methods;
}

/** `chat.postMessage` takes `ChatPostMessageArguments`. */
function typeOf(method) {
  const words = method.split('.').map((word) => word[0].toUpperCase() + word.slice(1));
  return `${words.join('')}Arguments`;
}

function imports(method) {
  return `import type { KnownBlock } from '@slack/types';
import type { ${typeOf(method)} } from '@slack/web-api';
import type { Query } from '../query.js';

`;
}

function declaration({ method, encoding, arguments: body }, number) {
  const type = encoding === 'query' ? `Query<${typeOf(method)}>` : typeOf(method);
  const known = without(ARGUMENTS[method] ?? {}, body, `argument of ${method}`);
  return `export const body${number}: ${type} = ${literal(known)};\n`;
}

/**
 * JSON as TypeScript. The library takes any object with a `type` for a block; here each block, wherever it is, must be one
 * of the known ones.
 */
function literal(value, indent = '\n', role = 'value') {
  const inner = `${indent}  `;
  const list = (items) => (items.length === 0 ? '' : inner + items.join(`,${inner}`) + indent);
  if (role === 'blocks' && Array.isArray(value)) {
    return `[${list(value.map((block) => `${literal(block, inner, 'block')} satisfies KnownBlock`))}]`;
  }
  const item = role === 'attachments' ? 'attachment' : 'value';
  if (Array.isArray(value)) return `[${list(value.map((each) => literal(each, inner, item)))}]`;
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  const checked = role === 'attachment' ? without(ATTACHMENTS, value, 'field of attachments') : value;
  const fields = Object.entries(without(FIELDS, checked, 'field'));
  const text = `{${list(fields.map(([name, field]) => `${JSON.stringify(name)}: ${literal(field, inner, name)}`))}}`;
  const type = value.type ?? (role === 'block' ? 'none' : undefined);
  if (!Object.hasOwn(TYPES, type)) return text;
  leave(`type ${type}`);
  return `${text} as any`;
}

/** The object without the fields that are exceptions. */
function without(exceptions, object, what) {
  const excepted = Object.keys(object).filter((name) => Object.hasOwn(exceptions, name));
  excepted.forEach((name) => leave(`${what}: ${name}`));
  return Object.fromEntries(Object.entries(object).filter(([name]) => !excepted.includes(name)));
}

function leave(what) {
  unchecked.set(what, (unchecked.get(what) ?? 0) + 1);
}

function report() {
  const counts = Object.entries(methods).map(([method, calls]) => [method, calls.length]);
  const bodies = counts.reduce((sum, [, count]) => sum + count, 0);
  if (bodies === 0) throw new Error(`the tests have kept nothing in MEGATRON_TEST_CALLS (${folder})`);
  console.log(counts.map(([method, count]) => `${method} ${count}`).join(', '));
  for (const [what, times] of unchecked) console.log(`not checked, see exceptions.js: ${what} (${times} times)`);
  console.log(`${bodies} different bodies of ${counts.length} methods`);
}
