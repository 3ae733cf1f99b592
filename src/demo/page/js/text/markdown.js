/** Ordinary Markdown (a `markdown` block) as mrkdwn: what the two have in common, and headings and lists. Pure. */

/** @param {string} text */
export function asMrkdwn(text) {
  return text
    .split(/(```[^]*?```|`[^`\n]+`)/)
    .map((part, number) => (number % 2 ? part : words(part)))
    .join('');
}

function words(text) {
  return text
    .replace(/!?\[([^\]\n]*)\]\(([^)\s]+)[^)\n]*\)/g, '<$2|$1>')
    .replace(/^#{1,6}[ ]+(.+?)[ ]*#*$/gm, (_, heading) => `**${heading.replaceAll('**', '')}**`)
    .replace(/^([ ]*)[-*+][ ]+/gm, '$1• ')
    .replace(/(^|[^*])\*([^*\s][^*\n]*?)\*(?!\*)/g, '$1_$2_')
    .replace(/\*\*(.+?)\*\*/g, '*$1*')
    .replace(/__(.+?)__/g, '*$1*')
    .replace(/~~(.+?)~~/g, '~$1~');
}
