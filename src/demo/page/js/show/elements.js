/** The elements of Block Kit that one can press, choose from or type into. */

import { ask } from './ask.js';
import { choice, isMenu } from './choice.js';
import { el } from './dom.js';
import { drawing } from './icons.js';
import { input } from './inputs.js';
import { menu } from './menu.js';
import { bare, leading, words } from './text.js';
import { image } from './picture.js';

/**
 * Where elements are: in a message or in a view.
 * @typedef {{act: (action_id: string, value?: string) => Promise<any>, options: (action_id: string, query: string) => Promise<any>,
 *   read?: (block: any, element: any, value: () => any) => void, kept?: (block: any, element: any) => any}} Host
 *
 * How one element is used.
 * @typedef {{label?: string, describedby?: string, kept?: any, changed: (value: string) => void, options: (query: string) => Promise<any>,
 *   read?: (value: () => any) => void}} Use
 */

/**
 * @param {any} one the element
 * @param {any} block the block around it
 * @param {Host} host
 * @param {{label?: string, describedby?: string}} [names] of the input around it
 */
export function element(one, block, host, names = {}) {
  // What is typed into a form is sent with the form, unless the app wants to know at once.
  const atOnce = block.type !== 'input' || block.dispatch_action;
  const changed = (value) => atOnce && confirmed(one, () => host.act(one.action_id, value));
  const use = {
    ...names,
    changed,
    options: (query) => host.options(one.action_id, query),
    read: host.read && ((value) => host.read(block, one, value)),
    kept: host.kept?.(block, one),
  };
  switch (one.type) {
    case 'button':
    case 'workflow_button':
      return button(one, host);
    case 'icon_button':
      return button({ ...one, style: null }, host);
    case 'feedback_buttons':
      return [one.positive_button, one.negative_button]
        .filter(Boolean)
        .map((half) => button({ ...half, action_id: one.action_id }, host));
    case 'overflow':
      return overflow(one, host);
    case 'checkboxes':
    case 'radio_buttons':
      return boxes(one, use);
    case 'image':
      return image(one.image_url, one.alt_text, { class: 'accessory' });
    case 'mrkdwn':
    case 'plain_text':
      return el('span', {}, words(one));
    default:
      return isMenu(one.type) ? choice(one, use) : input(one, use);
  }
}

function button(one, host) {
  const attributes = {
    'data-key': one.action_id,
    class: one.style === 'primary' || one.style === 'danger' ? one.style : null,
    'aria-label': one.accessibility_label,
  };
  const press = () => confirmed(one, () => host.act(one.action_id, one.value));
  if (one.url) {
    return el(
      'a',
      { ...attributes, ...leading(one.url), class: `button ${attributes.class ?? ''}`, onclick: press },
      words(one.text),
    );
  }
  return el('button', { ...attributes, type: 'button', onclick: (event) => once(event.currentTarget, press) }, words(one.text));
}

/** A button does nothing more until the app has answered. */
async function once(button, press) {
  if (button.getAttribute('aria-busy') === 'true') return;
  button.setAttribute('aria-busy', 'true');
  await press();
  button.removeAttribute('aria-busy');
}

async function confirmed(one, run) {
  if (!one.confirm || (await ask(one.confirm))) await run();
}

function overflow(one, host) {
  const items = one.options.map((option) => ({
    label: words(option.text).flat(),
    hint: bare(option.description),
    run: () => confirmed(one, () => host.act(one.action_id, option.value)),
  }));
  const attributes = {
    type: 'button',
    class: 'quiet',
    'data-key': one.action_id,
    'aria-haspopup': 'menu',
    'aria-expanded': 'false',
    'aria-label': 'More',
  };
  return el('button', { ...attributes, onclick: (event) => menu(event.currentTarget, 'More', items) }, drawing('more'));
}

let groups = 0;

function boxes(one, use) {
  const many = one.type === 'checkboxes';
  const before = use.kept ? [use.kept.selected_options, use.kept.selected_option] : [one.initial_options, one.initial_option];
  const chosen = new Set(
    before
      .flat()
      .filter(Boolean)
      .map(({ value }) => value),
  );
  groups += 1;
  const name = `boxes-${groups}`;
  const rows = one.options.map((option, number) => {
    const box = el('input', {
      type: many ? 'checkbox' : 'radio',
      name,
      value: option.value,
      checked: chosen.has(option.value),
      'data-key': `${one.action_id}-${number}`,
      onchange: () => use.changed(option.value),
    });
    return el(
      'label',
      { class: 'box' },
      box,
      el('span', {}, words(option.text), option.description && el('small', {}, words(option.description))),
    );
  });
  const group = el(
    'div',
    {
      role: many ? 'group' : 'radiogroup',
      'aria-label': use.label ?? 'Choices',
      'aria-describedby': use.describedby,
      class: 'boxes',
    },
    rows,
  );
  use.read?.(() => {
    const picked = Array.from(group.querySelectorAll('input:checked'), ({ value }) =>
      one.options.find((option) => option.value === value),
    );
    return many ? { type: one.type, selected_options: picked } : { type: one.type, selected_option: picked[0] ?? null };
  });
  return group;
}
