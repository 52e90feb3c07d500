import {chromium, type Page} from 'playwright-core';
import {eventually} from '../../support/eventually.ts';

export const CHROMIUM = '/usr/bin/chromium';

/** Does something with a page of a real browser without a window. */
export async function withPage<T>(act: (page: Page) => Promise<T>, more: readonly string[] = []): Promise<T> {
  const browser = await chromium.launch({executablePath: CHROMIUM, args: ['--no-sandbox', ...more]});
  try {
    return await act(await browser.newPage());
  } finally {
    await browser.close();
  }
}

/** Opens a page until something holds. */
export const openUntil = (url: string, holds: () => boolean, more: readonly string[] = []): Promise<void> =>
  withPage(async page => {
    // What it shows may be an error, or never be whole.
    await page.goto(url, {waitUntil: 'commit'}).catch(() => undefined);
    await eventually(`the browser to finish ${url}`, holds, 120_000);
  }, more);
