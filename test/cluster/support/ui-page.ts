import {mkdir, readFile} from 'node:fs/promises';
import {createRequire} from 'node:module';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';
import type {ExecutionContext} from 'ava';
import {chromium, type Browser, type Page} from 'playwright-core';
import {CHROMIUM} from './browser.ts';

const AXE = createRequire(import.meta.url).resolve('axe-core/axe.min.js');
/** Where screenshots are left for people to look at. */
const SHOTS = fileURLToPath(new URL('../../../dist/screenshots/', import.meta.url));

/** A page of a web UI in a real browser, which notes what a person would find wrong with it. */
export class UiPage {
  readonly page: Page;
  /** Errors of the console, and requests to other servers. */
  readonly faults: string[] = [];
  readonly #base: string;

  private constructor(page: Page, base: string) {
    this.page = page;
    this.#base = base;
    page.setDefaultTimeout(30_000);
    page.on('pageerror', error => this.faults.push(error.message));
    page.on('console', message => message.type() === 'error' && this.faults.push(message.text()));
    page.on('request', request => {
      if (!request.url().startsWith(new URL(base).origin)) this.faults.push(`asked ${request.url()}`);
    });
  }

  /** @param base as in `http://127.0.0.1:8080/ui/` */
  static async open(t: ExecutionContext, base: string, {dark = false, width = 1280} = {}): Promise<UiPage> {
    const browser: Browser = await chromium.launch({executablePath: CHROMIUM, args: ['--no-sandbox']});
    t.teardown(() => browser.close());
    const page = await browser.newPage({viewport: {width, height: 900}, colorScheme: dark ? 'dark' : 'light'});
    const opened = new UiPage(page, base);
    await opened.go('#/');
    return opened;
  }

  /** @param hash as in `#/apps` */
  async go(hash: string): Promise<void> {
    await this.page.goto(this.#base + hash);
    await this.page.locator('main h1').first().waitFor();
  }

  async sees(text: string | RegExp): Promise<void> {
    await this.page.getByText(text).first().waitFor();
  }

  async press(name: string): Promise<void> {
    await this.page.getByRole('button', {name, exact: true}).last().click();
  }

  /** A screenshot in `dist/screenshots/NAME.png`. */
  async shoot(name: string): Promise<void> {
    await mkdir(SHOTS, {recursive: true});
    await this.page.screenshot({path: join(SHOTS, `${name}.png`), fullPage: true});
  }

  /** What people who can't see or use a mouse would stumble over, in a line each. */
  async accessibilityFaults(): Promise<string[]> {
    // Not as an element: the page's own policy lets no script of others in.
    await this.page.evaluate(await readFile(AXE, 'utf8'));
    return this.page.evaluate(async () => {
      const {axe} = globalThis as unknown as {axe: {run: () => Promise<AxeResult>}};
      const {violations} = await axe.run();
      return violations.map(({id, nodes}) => `${id}: ${nodes.map(({html}) => html.slice(0, 120)).join(' | ')}`);
    });
  }

  /** Pixels by which the page is wider than its window. */
  async overflow(): Promise<number> {
    return this.page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth');
  }
}

type AxeResult = {
  readonly violations: readonly {readonly id: string; readonly nodes: readonly {readonly html: string}[]}[];
};
