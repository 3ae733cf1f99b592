/** The stage of a test: a demo of its own, a browser with it, and what one sees and does there. */

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import axe from 'axe-core';
import { chromium } from 'playwright-core';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const PROGRAM = process.env.MEGATRON_BIN ?? `${ROOT}target/debug/megatron`;
const BROWSER = process.env.CHROMIUM_BIN ?? '/usr/bin/chromium';
/** Where pictures of how each test ended are kept. */
const PICTURES = `${ROOT}target/screenshots`;
/** How long something may take until it is seen, in milliseconds. */
const PATIENCE = 15_000;

/**
 * Sets the stage; it goes with the test.
 * @param {import("node:test").TestContext} test
 */
export async function stage(test) {
  const demo = spawn(PROGRAM, ['demo', '--listen', '127.0.0.1:0'], { stdio: ['ignore', 'pipe', 'inherit'] });
  const address = await addressOf(demo);
  // As root there is no sandbox.
  const browser = await chromium.launch({ executablePath: BROWSER, args: ['--no-sandbox', '--disable-dev-shm-usage'] });
  const viewers = [];
  test.after(async () => {
    mkdirSync(PICTURES, { recursive: true });
    for (const [number, { page }] of viewers.entries()) {
      await page.screenshot({ path: `${PICTURES}/${test.name.replaceAll(/\W+/g, '-')}-${number + 1}.png` });
    }
    await browser.close();
    demo.kill();
    for (const { complaints } of viewers) assert.deepEqual(complaints, [], 'the console is silent');
  });
  return {
    address,
    /** Somebody opens the page, in a browser window that knows nothing of others; `before` that, its page can be set up. */
    async visit(query = '', options = {}, before = () => {}) {
      const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, ...options });
      context.setDefaultTimeout(PATIENCE);
      const page = await context.newPage();
      const viewer = new Viewer(page);
      viewers.push(viewer);
      await before(page);
      await page.goto(address + query);
      await page.locator('.ready').waitFor();
      return viewer;
    },
  };
}

/** The address that the demo prints when all is ready. */
function addressOf(demo) {
  return new Promise((resolve, reject) => {
    let printed = '';
    demo.on('error', reject);
    demo.on('exit', (code) => reject(new Error(`the demo ended with ${code}: ${printed}`)));
    demo.stdout.on('data', (data) => {
      printed += data;
      const found = printed.match(/http:\/\/127\.0\.0\.1:\d+/);
      if (found) resolve(`${found[0]}/`);
    });
  });
}

/** Somebody with the page before them. */
class Viewer {
  /** What the browser had to complain about. */
  complaints = [];

  /** @param {import("playwright-core").Page} page */
  constructor(page) {
    this.page = page;
    this.customer = page.locator('#customer');
    this.agent = page.locator('#agent');
    this.moves = page.locator('#moves');
    this.tour = page.locator('#tour');
    page.on('pageerror', (error) => this.complaints.push(String(error)));
    page.on('console', (message) => {
      // Refusals of the demo are answers; the browser logs them as errors of the network.
      if (message.type() === 'error' && !message.text().includes('status of 422')) this.complaints.push(message.text());
    });
  }

  button(name) {
    return this.page.getByRole('button', { name, exact: true });
  }

  /** Writes on one side and sends it. */
  async write(side, text) {
    const field = side.locator('.column').first().getByRole('textbox');
    await field.fill(text);
    await field.press('Enter');
  }

  /** A message with these words, by this author, outside of threads. */
  message(side, author, words) {
    const messages = side.locator('.column').first().locator('article.message');
    return messages
      .filter({ has: this.page.locator('.body'), hasText: words })
      .and(this.page.locator(`[aria-label^="${author},"]`));
  }

  /** Waits until such a message is seen. */
  async reads(side, author, words) {
    await this.message(side, author, words).first().waitFor();
  }

  /** Waits until the room shows that the bot knows who answers. */
  async botKnows() {
    await this.reads(this.agent, 'Megatron', 'Expense Bot knows');
  }

  /** Goes to a channel; the list of channels may be shown instead of one. */
  async goTo(name) {
    await this.agent.getByRole('link', { name }).first().click();
    await this.agent.locator('.place h2').filter({ hasText: name }).waitFor();
  }

  /** The story up to where Jane is in Phil's open room. */
  async openRoom() {
    await this.write(this.customer, 'Hi! My expense EXP-1042 is stuck.');
    await this.reads(this.customer, 'Expense Bot', 'EXP-1042');
    await this.write(this.agent, '/megatron open phil');
    await this.goTo(/^cs-phil/);
    await this.reads(this.agent, 'Phil', 'EXP-1042 is stuck');
  }

  /** What a program that looks for barriers finds: nothing. */
  async hasNoBarriers(when) {
    await this.page.evaluate(axe.source);
    const { violations } = await this.page.evaluate(() => window.axe.run());
    const found = violations.map(
      ({ id, nodes }) => `${id}: ${nodes.map(({ html, failureSummary }) => `${html} ${failureSummary}`).join('\n')}`,
    );
    assert.deepEqual(found, [], when);
  }
}
