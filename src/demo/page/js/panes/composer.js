/** Where one writes: words, commands, files. Enter sends, Shift+Enter begins a line, Up edits the last message. */

import { completion } from './completion.js';
import { el, mark } from '../show/dom.js';
import { drawing } from '../show/icons.js';

/** What was begun and not sent, by place. */
const drafts = new Map();

/**
 * @param {{send: (what: {text: string, files: File[]}) => Promise<boolean> | boolean, known: () => import("../text/completion.js").Known,
 *   editLast?: () => void, extra?: Node}} how `send` answers whether it was taken
 */
export function composer({ send, known, editLast, extra }) {
  let key = '';
  let files = [];
  const field = el('textarea', {
    rows: 1,
    'data-key': 'composer',
    enterkeyhint: 'send',
    oninput: grown,
    onkeydown: keys,
    onpaste: ({ clipboardData }) => attach(clipboardData.files),
  });
  const completes = completion(field, known, grown);
  const picker = el('input', { type: 'file', multiple: true, hidden: true, onchange: () => attach(picker.files) });
  const chips = el('div', { class: 'chips' });
  const form = el(
    'form',
    { class: 'composer', onsubmit: submit, ondragover: (event) => event.preventDefault(), ondrop: dropped },
    field,
    chips,
    el(
      'footer',
      {},
      el(
        'button',
        {
          type: 'button',
          class: 'quiet',
          'aria-label': 'Attach a file',
          title: 'Attach a file',
          onclick: () => picker.click(),
        },
        drawing('attach'),
      ),
      extra,
      el('button', { type: 'submit', class: 'primary', 'aria-label': 'Send', title: 'Send' }, drawing('send')),
    ),
    picker,
  );
  return { element: form, field, draw };

  /**
   * @param {string} place whose draft is shown
   * @param {string} label of the field
   * @param {string | null} closed why nobody can write here
   */
  function draw(place, label, closed) {
    if (place !== key) {
      drafts.set(key, field.value);
      key = place;
      field.value = drafts.get(place) ?? '';
      attached([]);
      grown();
    }
    mark(field, 'aria-label', label);
    mark(field, 'placeholder', closed ?? label);
    for (const control of form.elements) control.disabled = Boolean(closed);
  }

  function keys(event) {
    if (completes.key(event)) return;
    if (event.key === 'Enter' && !event.shiftKey && !event.isComposing) submit(event);
    else if (event.key === 'ArrowUp' && field.value === '' && editLast) {
      event.preventDefault();
      editLast();
    }
  }

  async function submit(event) {
    event.preventDefault();
    const what = { text: field.value.trim(), files };
    if (!what.text && files.length === 0) return;
    const from = key;
    field.value = '';
    attached([]);
    grown();
    completes.close();
    if (await send(what)) return;
    // What was refused is not lost.
    if (from === key && field.value === '') field.value = what.text;
    else drafts.set(from, what.text);
    grown();
  }

  function attach(list) {
    if (list.length > 0) attached([...files, ...list]);
    picker.value = '';
  }

  function dropped(event) {
    event.preventDefault();
    attach(event.dataTransfer.files);
  }

  function attached(list) {
    files = list;
    chips.replaceChildren(
      ...list.map((file) => {
        const drop = () => attached(files.filter((one) => one !== file));
        return el(
          'span',
          { class: 'chip' },
          file.name,
          el('button', { type: 'button', class: 'quiet', 'aria-label': `Leave out ${file.name}`, onclick: drop }, '×'),
        );
      }),
    );
  }

  /** As high as what it holds. */
  function grown() {
    field.style.height = 'auto';
    field.style.height = `${Math.min(field.scrollHeight + 2, 200)}px`;
  }
}
