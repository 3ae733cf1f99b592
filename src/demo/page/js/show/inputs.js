/** The elements of Block Kit that one types into: words, numbers, dates and times. */

import { el } from './dom.js';
import { bare } from './text.js';

/** Where the kinds differ: the browser's own field, and how what was typed is called. */
const KINDS = {
  plain_text_input: { type: 'text', field: 'value', initial: 'initial_value' },
  email_text_input: { type: 'email', field: 'value', initial: 'initial_value' },
  url_text_input: { type: 'url', field: 'value', initial: 'initial_value' },
  number_input: { type: 'number', field: 'value', initial: 'initial_value' },
  datepicker: { type: 'date', field: 'selected_date', initial: 'initial_date' },
  timepicker: { type: 'time', field: 'selected_time', initial: 'initial_time' },
  datetimepicker: { type: 'datetime-local', field: 'selected_date_time', initial: 'initial_date_time' },
};

/**
 * @param {any} element
 * @param {import("./elements.js").Use} use
 */
export function input(element, use) {
  const kind = KINDS[element.type];
  if (!kind) return el('span', { class: 'unknown' }, `[${element.type}]`);
  const before = use.kept ? use.kept[kind.field] : element[kind.initial];
  const text = before === undefined || before === null ? '' : shown(kind, before);
  const attributes = {
    'data-key': element.action_id,
    'aria-label': use.label ?? (bare(element.placeholder) || 'Value'),
    'aria-describedby': use.describedby,
    placeholder: bare(element.placeholder) || null,
    minlength: element.min_length,
    maxlength: element.max_length,
    min: element.min_value,
    max: element.max_value,
    step: element.type === 'number_input' ? (element.is_decimal_allowed ? 'any' : 1) : null,
    autofocus: element.focus_on_load,
    onchange: () => use.changed(String(value() ?? '')),
  };
  const field = element.multiline
    ? el('textarea', { ...attributes, rows: 4 }, text)
    : el('input', { ...attributes, type: kind.type, value: text });
  use.read?.(() => ({ type: element.type, [kind.field]: value() }));
  return field;

  function value() {
    if (field.value === '') return null;
    return kind.type === 'datetime-local' ? Math.floor(new Date(field.value).getTime() / 1000) : field.value;
  }
}

/** A browser wants a local time where Slack counts seconds. */
function shown({ type }, value) {
  if (type !== 'datetime-local') return String(value);
  const at = new Date(value * 1000);
  return new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}
