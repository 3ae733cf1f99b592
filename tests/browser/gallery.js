/** Keeps pictures of everything that people see: plays the scenes, and writes docs/gallery.md. Arguments name scenes; else it is all. */

import { mkdirSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import { write } from './gallery/book.js';
import { camera } from './gallery/camera.js';
import { play } from './gallery/play.js';
import { SCENES } from './gallery/scenes/index.js';

const DOCS = fileURLToPath(new URL('../../docs/', import.meta.url));
const PICTURES = `${DOCS}images/gallery`;
/** So many scenes are played at the same time. */
const SIDE_BY_SIDE = Number(process.env.GALLERY_STAGES ?? 2);

const wanted = process.argv.slice(2);
if (wanted.length === 0) rmSync(PICTURES, { recursive: true, force: true });
mkdirSync(PICTURES, { recursive: true });
const waiting = Object.entries(SCENES).filter(([name]) => wanted.length === 0 || wanted.includes(name));
const films = await camera(PICTURES);
try {
  await Promise.all(Array.from({ length: SIDE_BY_SIDE }, work));
} finally {
  await films.close();
}
await write(DOCS, PICTURES);

async function work() {
  for (let next = waiting.shift(); next; next = waiting.shift()) {
    const [name, scene] = next;
    const stage = await play();
    const team = films.team(stage.address);
    try {
      await scene(stage, team);
      console.log(name);
    } catch (error) {
      throw new Error(`the scene ${name}`, { cause: error });
    } finally {
      await team.leave();
      stage.end();
    }
  }
}
