/** Menus of Block Kit: static, external, of people and of channels; one or many. */

import { person } from '../data/self.js';
import { state } from '../data/state.js';
import { choose } from './choose.js';
import { el } from './dom.js';
import { drawing } from './icons.js';
import { bare } from './text.js';

/** Where the kinds differ: what is offered, and how what was chosen is called. */
const KINDS = {
  static_select: { one: 'selected_option', many: 'selected_options', initial: 'option' },
  external_select: { one: 'selected_option', many: 'selected_options', initial: 'option' },
  users_select: { one: 'selected_user', many: 'selected_users', initial: 'user' },
  conversations_select: { one: 'selected_conversation', many: 'selected_conversations', initial: 'conversation' },
  channels_select: { one: 'selected_channel', many: 'selected_channels', initial: 'channel' },
};

/** Whether an element is one of these menus. */
export function isMenu(type) {
  return type.replace('multi_', '') in KINDS;
}

/**
 * @param {any} element
 * @param {import("./elements.js").Use} use
 */
export function choice(element, use) {
  const many = element.type.startsWith('multi_');
  const type = element.type.replace('multi_', '');
  const kind = KINDS[type];
  let chosen = use.kept ? fromValue(use.kept, kind, many) : initial(element, kind, many);
  const button = el('button', {
    type: 'button',
    class: 'choice',
    'data-key': element.action_id,
    'aria-haspopup': 'listbox',
    'aria-expanded': 'false',
    'aria-describedby': use.describedby,
    onclick: () => choose(button, { label, groups, pick, many }),
  });
  const label = use.label ?? (bare(element.placeholder) || 'Choose');
  use.read?.(() => value());
  show();
  return button;

  function show() {
    const text = chosen.map(nameOf).join(', ');
    const shown = text || bare(element.placeholder) || 'Choose';
    button.setAttribute('aria-label', `${label}: ${shown}`);
    button.replaceChildren(el('span', { class: text ? null : 'placeholder' }, shown), drawing('down'));
  }

  function pick(option) {
    const at = chosen.findIndex((one) => idOf(one) === idOf(option));
    if (!many) chosen = [option];
    else if (at >= 0) chosen.splice(at, 1);
    else if (chosen.length < (element.max_selected_items ?? 100)) chosen.push(option);
    show();
    use.changed(idOf(option));
  }

  async function groups(query) {
    const found = type === 'external_select' ? await asked(query) : local(element, type);
    if (typeof found === 'string') return found;
    const fits = (option) => type === 'external_select' || nameOf(option).toLowerCase().includes(query.toLowerCase());
    return found.map(({ label, options }) => ({ label, options: options.filter(fits).map(row) }));
  }

  async function asked(query) {
    const least = element.min_query_length ?? 3;
    if (query.length < least) return `Type at least ${least} letter${least === 1 ? '' : 's'}`;
    return grouped((await use.options(query)) ?? {});
  }

  function row(option) {
    const isChosen = chosen.some((one) => idOf(one) === idOf(option));
    return { label: nameOf(option), hint: bare(option.description), value: option, chosen: isChosen };
  }

  function value() {
    const ids = chosen.map((one) => (kind.initial === 'option' ? one : one.value));
    return many ? { type: element.type, [kind.many]: ids } : { type: element.type, [kind.one]: ids[0] ?? null };
  }
}

/** Options as Slack knows them: of the element itself, or of the workspace. */
function local(element, type) {
  if (type === 'static_select') return grouped(element);
  if (type === 'users_select') return [{ options: state.cast.agents.map(({ user }) => ({ value: user })) }];
  const include = element.filter?.include;
  const wanted = ({ kind, archived, private: closed }) =>
    !archived && (kind === 'dm' ? include?.includes('im') : !include || include.includes(closed ? 'private' : 'public'));
  const open = state.channels.filter((channel) => wanted(channel) && (type === 'conversations_select' || !channel.private));
  return [{ options: open.map(({ id }) => ({ value: id })) }];
}

function grouped({ options, option_groups: groups }) {
  return groups ? groups.map(({ label, options }) => ({ label: bare(label), options })) : [{ options: options ?? [] }];
}

function initial(element, { initial }, many) {
  const name = `initial_${initial}`;
  const given = many ? (element[`${name}s`] ?? []) : [element[name]].filter(Boolean);
  return given.map((one) => (typeof one === 'string' ? { value: one } : one));
}

function fromValue(value, kind, many) {
  const given = many ? (value[kind.many] ?? []) : [value[kind.one]].filter(Boolean);
  return given.map((one) => (typeof one === 'string' ? { value: one } : one));
}

function idOf(option) {
  return option.value;
}

/** The words of an option; people and channels are known by their ids. */
function nameOf(option) {
  if (option.text) return bare(option.text);
  const channel = state.channels.find(({ id }) => id === option.value);
  if (channel) return channel.kind === 'dm' ? channel.name : `#${channel.name}`;
  return person(option.value)?.real_name ?? option.value;
}
