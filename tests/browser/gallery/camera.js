/** The camera: pages of the demo, and pictures of parts of them. */

import { writeFile } from 'node:fs/promises';

import { chromium } from 'playwright-core';

import { squeezed } from './png.js';

const BROWSER = process.env.CHROMIUM_BIN ?? '/usr/bin/chromium';
/** How the pages look. */
const LOOKS = {
  viewport: { width: 1300, height: 2000 },
  deviceScaleFactor: 1.5,
  colorScheme: 'light',
  locale: 'en-GB',
  timezoneId: 'UTC',
  reducedMotion: 'reduce',
  bypassCSP: true,
};
/** What is not part of a message, or differs from time to time. */
const BARE = `
  #tour, #toasts, .tools, .who time { display: none !important; }
  .pointed-at, :focus-visible { outline: none !important; }
  .message, .message:hover, .message:focus-within { background: transparent; }
  .message.ephemeral { background: var(--mention) !important; }
  .message.joined { padding-top: 6px; }
  .message.joined > .portrait { visibility: visible; height: 36px; }
  .message.joined .who { display: flex; }
  .home > .content { padding: 16px; }
  dialog { border: 0; border-radius: 0; }
  * { caret-color: transparent !important; transition: none !important; }
`;

/** A camera that keeps pictures in a folder. */
export async function camera(folder) {
  const browser = await chromium.launch({ executablePath: BROWSER, args: ['--no-sandbox', '--disable-dev-shm-usage'] });
  return {
    /** A camera team for one play. */
    team: (address) => new Team(browser, address, folder),
    close: () => browser.close(),
  };
}

class Team {
  #pages = new Map();

  constructor(browser, address, folder) {
    Object.assign(this, { browser, address, folder });
  }

  async leave() {
    for (const page of this.#pages.values()) await page.context().close();
  }

  /** The page of somebody. */
  async #page({ query }) {
    if (!this.#pages.has(query)) {
      const context = await this.browser.newContext(LOOKS);
      const page = await context.newPage();
      await page.goto(`${this.address}/?${query}`);
      await page.locator('.ready').waitFor();
      await page.addStyleTag({ content: BARE });
      this.#pages.set(query, page);
    }
    return this.#pages.get(query);
  }

  /** Messages of one channel or DM, from the first one to the last one that is named. */
  async messages(name, who, ...messages) {
    const page = await this.#page(who);
    await page.locator('dialog[open]').waitFor({ state: 'hidden' });
    const [{ channel, thread_ts: thread }] = messages;
    if (channel) await page.evaluate((hash) => (location.hash = hash), thread ? `${channel}/${thread}` : channel);
    const side = page.locator(channel ? '#agent' : '#customer');
    const articles = messages.map(({ ts }) => side.locator(`article[data-ts="${ts}"]`).last());
    return this.#take(name, page, articles);
  }

  /** A message with one of its menus open. */
  async menu(name, who, message, label) {
    const page = await this.#page(who);
    await page.evaluate((hash) => (location.hash = hash), message.channel);
    const article = page.locator(`#agent article[data-ts="${message.ts}"]`);
    await article.getByText(label).click();
    const popup = page.locator('.popup');
    await popup.getByRole('option').first().waitFor();
    return this.#take(name, page, [article, popup]);
  }

  /** The dialog that somebody has before them. */
  async dialog(name, who, words) {
    const page = await this.#page(who);
    return this.#take(name, page, [page.locator('dialog#modal').filter({ hasText: words })]);
  }

  /** Somebody's Home. */
  async home(name, who, words) {
    const page = await this.#page(who);
    await page.evaluate(() => (location.hash = 'home'));
    return this.#take(name, page, [page.locator('.home > .content').filter({ hasText: words })]);
  }

  async #take(name, page, shown) {
    await page.mouse.move(0, 0);
    const picture = await whole(async () => {
      await Promise.all(shown.map((one) => one.waitFor()));
      await shown[0].evaluate((element) => element.scrollIntoView({ block: 'nearest' }));
      // A focused field looks different.
      await page.evaluate(() => document.activeElement?.blur());
      await page.evaluate(() => Promise.all(Array.from(document.images, (image) => image.decode().catch(() => {}))));
      return page.screenshot({ clip: around(await Promise.all(shown.map((one) => one.boundingBox()))) });
    });
    await writeFile(`${this.folder}/${name}.png`, squeezed(picture));
  }
}

/** Once more where the page has just drawn something anew. */
async function whole(take) {
  for (let tries = 1; ; tries += 1) {
    try {
      return await take();
    } catch (error) {
      if (tries === 5) throw error;
    }
  }
}

/** The rectangle that holds all of these. */
function around(boxes) {
  const [x, y] = [Math.min(...boxes.map((box) => box.x)), Math.min(...boxes.map((box) => box.y))];
  const right = Math.max(...boxes.map((box) => box.x + box.width));
  const bottom = Math.max(...boxes.map((box) => box.y + box.height));
  return { x, y, width: right - x, height: bottom - y };
}
