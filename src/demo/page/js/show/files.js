/** Files of a message: images are shown, the rest can be fetched. */

import { el } from './dom.js';

/** Where the bytes of a file are. */
export function address(team, id) {
  return `/demo/files/${encodeURIComponent(team)}/${encodeURIComponent(id)}`;
}

/** @param {any[] | null} all */
export function files(all, team) {
  return (all ?? []).map((file) => {
    if (file.mode === 'tombstone') return el('div', { class: 'file' }, 'This file was deleted.');
    const name = file.title || file.name || file.id;
    const link = (...inner) =>
      el('a', { class: 'file', href: address(team, file.id), download: file.name ?? '', target: '_blank' }, inner);
    if (/^image\/(png|jpe?g|gif|webp)$/.test(file.mimetype ?? '')) {
      return el(
        'figure',
        {},
        el('figcaption', {}, name),
        link(el('img', { src: address(team, file.id), alt: file.alt_txt || name, loading: 'lazy' })),
      );
    }
    return link(
      el('strong', {}, name),
      el('small', {}, [file.pretty_type || file.mimetype, size(file.size)].filter(Boolean).join(' · ')),
    );
  });
}

function size(bytes) {
  if (!bytes) return '';
  const [unit, scale] = bytes < 1e6 ? ['kB', 1e3] : ['MB', 1e6];
  return `${(bytes / scale).toFixed(1)} ${unit}`;
}
