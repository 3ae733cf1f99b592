/** Keeps pictures of everything that people see: plays the scenes, and writes docs/gallery.md. `npm run gallery [scene ...]` */

import { mkdirSync } from "node:fs";
import { fileURLToPath } from "node:url";

import { write } from "./gallery/book.js";
import { camera } from "./gallery/camera.js";
import { play } from "./gallery/play.js";
import { SCENES } from "./gallery/scenes/index.js";

const DOCS = fileURLToPath(new URL("../../docs/", import.meta.url));
const PICTURES = `${DOCS}images/gallery`;

mkdirSync(PICTURES, { recursive: true });
const wanted = process.argv.slice(2);
const films = await camera(PICTURES);
try {
    for (const [name, scene] of Object.entries(SCENES)) {
        if (wanted.length > 0 && !wanted.includes(name)) continue;
        const stage = await play();
        const team = films.team(stage.address);
        try {
            await scene(stage, team);
            console.log(name);
        } finally {
            await team.leave();
            stage.end();
        }
    }
} finally {
    await films.close();
}
await write(DOCS, PICTURES);
