/** Writes docs/gallery.md: the pictures that there are, with what each shows. */

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";

import { MISSING, SECTIONS } from "./pictures.js";

/** Pixels of a picture for each one that it is wide on a page. */
const SCALE = 1.5;

/**
 * @param {string} docs the folder
 * @param {string} pictures the folder of the pictures
 */
export async function write(docs, pictures) {
    const known = SECTIONS.flatMap((section) => Object.keys(section.pictures));
    const there = readdirSync(pictures).map((file) => file.replace(/\.png$/, ""));
    const faults = [
        ...known.filter((name) => !there.includes(name)).map((name) => `no scene has taken ${name}`),
        ...there.filter((name) => !known.includes(name)).map((name) => `gallery/pictures.js does not say when ${name} appears`),
    ];
    if (faults.length > 0) throw new Error(faults.join("\n"));
    const sections = SECTIONS.map(({ title, about, pictures: shown }) => [`## ${title}`, about, ...Object.entries(shown).map((entry) => figure(pictures, ...entry))]);
    const text = [
        "# Gallery",
        "What people see, taken from the page of `megatron demo`: Slack draws the same messages in its own way. `npm run gallery` in `tests/browser` plays the scenes and takes these pictures anew.",
        ...sections.flat(),
        "## Not pictured",
        MISSING.map((line) => `- ${line}`).join("\n"),
    ];
    await writeFile(`${docs}gallery.md`, `${text.filter(Boolean).join("\n\n")}\n`);
}

function figure(pictures, name, when) {
    const width = readFileSync(`${pictures}/${name}.png`).readUInt32BE(16);
    return `${when}\n\n<img src="images/gallery/${name}.png" width="${Math.round(width / SCALE)}" alt="${when.replaceAll(/[`"]/g, "")}">`;
}
