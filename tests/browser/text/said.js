/** A tree of pieces as one line, for comparison: each piece with its kind and what it says. */
export function said(pieces) {
  return pieces.map(piece).join('');
}

function piece({ kind, text, parts, items, id }) {
  if (kind === 'text') return text;
  const named = ['user', 'channel'].includes(kind) ? id : text;
  return `<${kind}:${parts ? said(parts) : items ? items.map(said).join('|') : named}>`;
}
