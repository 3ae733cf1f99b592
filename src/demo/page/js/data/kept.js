/** What the page remembers over a reload; a browser that keeps nothing remembers nothing. */

export function recall(name, otherwise) {
  try {
    return JSON.parse(localStorage.getItem(`megatron.${name}`)) ?? otherwise;
  } catch {
    return otherwise;
  }
}

export function keep(name, value) {
  try {
    localStorage.setItem(`megatron.${name}`, JSON.stringify(value));
  } catch {
    // It is forgotten with the page, then.
  }
}
