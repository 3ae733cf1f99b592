/** Writes docs/gallery.md: the pictures that there are, with what each shows. */

import { readdirSync, readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';

import { MISSING, SECTIONS } from './pictures.js';

const INTRODUCTION =
  'What people see, on the page of `megatron demo`: Slack draws the same messages in its own way. `npm run gallery` in `tests/browser` ' +
  'plays the scenes and takes the pictures anew.';
/** Pixels of a picture for each one that it is wide on a page. */
const SCALE = 1.5;

/**
 * @param {string} docs the folder
 * @param {string} pictures the folder of the pictures
 */
export async function write(docs, pictures) {
  const known = SECTIONS.flatMap((section) => Object.keys(section.pictures));
  const there = readdirSync(pictures).map((file) => file.replace(/\.png$/, ''));
  const faults = [
    ...known.filter((name) => !there.includes(name)).map((name) => `no scene has taken ${name}`),
    ...there.filter((name) => !known.includes(name)).map((name) => `gallery/pictures.js does not say when ${name} appears`),
  ];
  if (faults.length > 0) throw new Error(faults.join('\n'));
  const figures = (shown) => Object.entries(shown).map(([name, when]) => figure(pictures, name, when));
  const sections = SECTIONS.map(({ title, about, pictures: shown }) => [`## ${title}`, about, ...figures(shown)]);
  const text = [
    '# Gallery',
    INTRODUCTION,
    ...sections.flat(),
    '## Not pictured',
    MISSING.map((line) => `- ${line}`).join('\n'),
  ];
  await writeFile(`${docs}gallery.md`, `${text.filter(Boolean).join("\n\n")}\n`);
}

function figure(pictures, name, when) {
  const width = Math.round(readFileSync(`${pictures}/${name}.png`).readUInt32BE(16) / SCALE);
  const alt = when.replaceAll('`', '');
  return `${when}\n\n<img src="images/gallery/${name}.png" width="${width}" alt="${alt}">`;
}
