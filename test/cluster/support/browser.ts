import {spawn} from 'node:child_process';
import {mkdtemp, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {eventually} from '../../support/eventually.ts';

export const CHROMIUM = '/usr/bin/chromium';

/** Opens a page in a real browser without a window, until something holds. */
export async function openUntil(url: string, holds: () => boolean, more: readonly string[] = []): Promise<void> {
  const profile = await mkdtemp(join(tmpdir(), 'browser-'));
  const flags = [
    '--headless',
    '--no-sandbox',
    '--disable-gpu',
    `--user-data-dir=${profile}`,
    '--remote-debugging-port=0',
  ];
  const browser = spawn(CHROMIUM, [...flags, ...more, url], {stdio: 'ignore'});
  const ended = new Promise(resolve => browser.once('exit', resolve));
  try {
    await eventually(`the browser to finish ${url}`, async () => holds() || undefined, 60_000);
  } finally {
    browser.kill();
    await ended;
    await rm(profile, {recursive: true, force: true, maxRetries: 5});
  }
}
