/** Something small that opens beside a button, closes with Escape or a click elsewhere, and gives the focus back. */

import { el } from './dom.js';

const GAP = 4;

/**
 * @param {HTMLElement} anchor
 * @param {Node} content
 * @param {{class?: string}} [options]
 * @returns {() => void} closes it
 */
export function popup(anchor, content, options = {}) {
  const box = el('div', { class: `popup ${options.class ?? ''}`, popover: 'auto' }, content);
  // All but a modal dialog is out of reach while it is open.
  (anchor.closest('dialog') ?? document.body).append(box);
  anchor.setAttribute('aria-expanded', 'true');
  const close = () => box.isConnected && box.hidePopover();
  box.addEventListener('toggle', ({ newState }) => {
    if (newState !== 'closed') return;
    const hadFocus = box.contains(document.activeElement) || document.activeElement === document.body;
    box.remove();
    anchor.setAttribute('aria-expanded', 'false');
    if (hadFocus) anchor.focus();
  });
  box.showPopover();
  place(box, anchor);
  return close;
}

/** Below its anchor, or above where there is more room; inside the window. */
export function place(box, anchor) {
  const at = anchor.getBoundingClientRect();
  const below = innerHeight - at.bottom - 2 * GAP;
  const above = at.top - 2 * GAP;
  box.style.minWidth = `${Math.min(at.width, innerWidth - 2 * GAP)}px`;
  box.style.maxHeight = `${Math.max(below, above)}px`;
  const { width, height } = box.getBoundingClientRect();
  const up = height > below && above > below;
  box.style.top = `${up ? Math.max(at.top - GAP - height, GAP) : at.bottom + GAP}px`;
  box.style.left = `${Math.max(GAP, Math.min(at.left, innerWidth - width - GAP))}px`;
}
