/** Elements, made and kept up to date. Text only ever becomes text, never markup. */

/**
 * An element. `on...` attributes are listeners; `true` is an empty attribute, `false`, `null` and `undefined` none.
 * @param {string} tag
 * @param {Record<string, any>} [attributes]
 * @param {...(Node | string | null | undefined | false | any[])} children
 */
export function el(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith('on')) element.addEventListener(name.slice(2), value);
    else if (value !== false && value !== null && value !== undefined) {
      element.setAttribute(name, value === true ? '' : value);
    }
  }
  element.append(...children.flat(Infinity).filter((child) => child || child === 0));
  return element;
}

const SVG = 'http://www.w3.org/2000/svg';

/** A line drawing of 20 by 20, from the path data of `d`. */
export function icon(d) {
  const drawing = document.createElementNS(SVG, 'svg');
  drawing.setAttribute('viewBox', '0 0 20 20');
  drawing.setAttribute('class', 'icon');
  drawing.setAttribute('aria-hidden', 'true');
  const path = document.createElementNS(SVG, 'path');
  path.setAttribute('d', d);
  drawing.append(path);
  return drawing;
}

const known = new WeakMap();

/**
 * Makes the children of an element those of the items: what has not changed stays, with its focus and its selection.
 * @template T
 * @param {Element} parent
 * @param {T[]} items
 * @param {{key: (item: T) => string, looks: (item: T) => any, make: (item: T) => Element}} how `looks` is all that the
 *   drawing depends on
 */
export function sync(parent, items, { key, looks, make }) {
  const old = new Map(Array.from(parent.children, (child) => [known.get(child)?.key, child]));
  let at = parent.firstElementChild;
  for (const item of items) {
    const name = key(item);
    const sign = JSON.stringify(looks(item));
    let node = old.get(name);
    old.delete(name);
    if (!node || known.get(node).sign !== sign) {
      const fresh = make(item);
      known.set(fresh, { key: name, sign });
      if (node) {
        if (node === at) at = fresh;
        replace(node, fresh);
      }
      node = fresh;
    }
    if (node === at) at = at.nextElementSibling;
    else parent.insertBefore(node, at);
  }
  for (const node of old.values()) node.remove();
}

/** The same for one element that is drawn as a whole. */
export function redraw(parent, looks, make) {
  sync(parent, [null], { key: () => 'all', looks: () => looks, make });
}

/** Puts a new node in the place of an old one; what had the focus has it again. */
function replace(node, fresh) {
  const focused = node.contains(document.activeElement) ? document.activeElement : null;
  const name = focused?.getAttribute('data-key');
  node.replaceWith(fresh);
  if (!focused) return;
  const same = name && fresh.querySelector(`[data-key="${CSS.escape(name)}"]`);
  (same || fresh.querySelector('[data-key]') || fresh).focus();
}

/** Sets or takes away an attribute, only if that changes something. */
export function mark(element, name, value) {
  if (value === false || value === null || value === undefined) element.removeAttribute(name);
  else if (element.getAttribute(name) !== String(value)) element.setAttribute(name, value === true ? '' : value);
}
