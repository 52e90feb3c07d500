import test, {type ExecutionContext} from 'ava';
import {Standalone} from '../support/standalone.ts';
import {installPackages} from './packages.ts';
import {CHROMIUM} from './support/browser.ts';
import {UiPage} from './support/ui-page.ts';

// Says which package is missing when it can't be installed.
test.before(() => installPackages({[CHROMIUM]: 'chromium'}));

const marathonUi = (system: Standalone): string => `${system.at.marathonUrl}/ui/`;
const mesosUi = (system: Standalone): string => `${system.at.mesosUrl}/ui/`;

const web = {id: '/shop/web', cmd: 'sleep 1000', cpus: 0.1, mem: 32, instances: 3, labels: {team: 'shop'}};
const tooBig = {id: '/shop/big', cmd: 'sleep 1000', cpus: 99, mem: 32};

/** A cluster in which something runs and something waits. */
async function busy(t: ExecutionContext): Promise<Standalone> {
  const system = await Standalone.start(t, ['--agents=2']);
  for (const app of [web, tooBig]) await system.marathon('POST', '/v2/apps', app);
  return system;
}

test('a person creates an app in the form, scales it, breaks it, sees why, and goes back to what it was', async t => {
  const system = await Standalone.start(t, ['--agents=1']);
  const ui = await UiPage.open(t, marathonUi(system));
  const {page} = ui;
  await ui.press('Create Application');
  await page.getByLabel('ID', {exact: true}).fill('/basic1');
  await page.getByLabel('CPUs').fill('0.1');
  await page.getByLabel('Memory (MiB)').fill('32');
  await page.getByLabel('Command').fill('while true; do echo Hello marathon; sleep 5; done');
  await ui.shoot('marathon-create');
  await page.getByRole('dialog').getByRole('button', {name: 'Create Application'}).click();
  await ui.sees('1 of 1 instances');

  await ui.press('Scale Application');
  await page.getByRole('spinbutton', {name: 'Instances'}).fill('2');
  await page.getByRole('dialog').getByRole('button', {name: 'Scale'}).click();
  await ui.sees('2 of 2 instances');

  await ui.press('Edit');
  await page.getByLabel('Command').fill('echo broken >&2; exit 7');
  await ui.press('Change and deploy configuration');
  await page.getByRole('link', {name: 'Debug'}).click();
  await ui.sees(/exit(ed)?.*7/i);
  await ui.shoot('marathon-debug');

  await page.getByRole('link', {name: 'Configuration'}).click();
  await page.locator('summary').last().click();
  await ui.sees('What differs from the current version');
  await ui.shoot('marathon-configuration');
  await ui.press('Edit and apply this version');
  await ui.press('Change and deploy configuration');
  await ui.sees('A deployment holds this app. Press again to stop it and go on.');
  await ui.press('Stop the deployment and change');
  await page.getByRole('link', {name: 'Instances'}).click();
  await ui.sees(/[12] of [12] instances/);
  t.deepEqual(
    ui.faults.filter(fault => !/409/.test(fault)),
    [],
  );
});

test('wrong input is told at its field, and nothing is lost between form and JSON', async t => {
  const system = await Standalone.start(t, ['--agents=1']);
  const ui = await UiPage.open(t, marathonUi(system));
  const {page} = ui;
  await ui.press('Create Application');
  await page.getByLabel('ID', {exact: true}).fill('/Not Good');
  await page.getByRole('dialog').getByRole('button', {name: 'Create Application'}).click();
  await ui.sees('An id has no spaces');
  await ui.sees('Specify a command, or an image that has one');
  await page.getByLabel('JSON Mode').check();
  const json = page.getByLabel('Definition in JSON');
  const written = {...JSON.parse(await json.inputValue()), id: '/ok', cmd: 'sleep 1', fetch: [{uri: 'file:///x'}]};
  await json.fill(JSON.stringify(written));
  await page.getByLabel('JSON Mode').uncheck();
  t.is(await page.getByLabel('ID', {exact: true}).inputValue(), '/ok');
  await page.getByLabel('JSON Mode').check();
  t.deepEqual(JSON.parse(await json.inputValue()), written);
  await json.fill('{"id": ');
  await ui.sees('Invalid JSON: want one object');
});

test('groups, filters and the reason to wait are shown', async t => {
  const system = await busy(t);
  const ui = await UiPage.open(t, marathonUi(system));
  const {page} = ui;
  await page.getByRole('link', {name: 'shop'}).click();
  await ui.sees('3 of 3');
  await ui.sees('team: shop');
  await ui.shoot('marathon-applications');
  await page.getByLabel('Waiting').check();
  await page.getByRole('link', {name: 'big', exact: true}).click();
  await ui.sees(/refused because of insufficient cpus/);
  await page.getByRole('link', {name: /^Deployments/}).click();
  await ui.sees('/shop/big');
  t.deepEqual(ui.faults, []);
});

test('an agent dies: the master’s page shows where its tasks run now', async t => {
  const system = await busy(t);
  const ui = await UiPage.open(t, mesosUi(system));
  await ui.page.getByRole('link', {name: 'Tasks', exact: true}).first().click();
  await ui.sees('Active (3)');
  const [first] = system.at.agents;
  await system.marathon('PUT', '/v2/apps/shop/web', {instances: 4});
  if (first !== undefined) process.kill(first.pid, 'SIGTERM');
  await ui.page.getByRole('link', {name: 'Agents', exact: true}).first().click();
  await ui.page.locator('tbody tr').nth(1).waitFor({state: 'detached'});
  await ui.page.getByRole('link', {name: 'Tasks', exact: true}).first().click();
  await ui.sees('Active (4)');
  t.deepEqual(ui.faults, []);
});

const PAGES = {
  mesos: ['', 'agents', 'frameworks', 'roles', 'tasks', 'offers', 'maintenance', 'allocator'],
  marathon: [
    'apps',
    'apps/%2Fshop%2Fweb',
    'apps/%2Fshop%2Fweb/configuration',
    'apps/%2Fshop%2Fbig/debug',
    'deployments',
  ],
} as const;

test('every page is usable without a mouse or good eyes, in both themes, and fits a telephone', async t => {
  const system = await busy(t);
  for (const [name, url] of [
    ['mesos', mesosUi(system)],
    ['marathon', marathonUi(system)],
  ] as const)
    for (const look of [{dark: false}, {dark: true}, {dark: false, width: 400}]) {
      const ui = await UiPage.open(t, url, look);
      for (const hash of PAGES[name]) {
        await ui.go(`#/${hash}`);
        const title = `${name}-${hash.replaceAll(/%2F|\//g, '-') || 'overview'}-${look.width ?? (look.dark ? 'dark' : 'light')}`;
        t.deepEqual(await ui.accessibilityFaults(), [], title);
        t.true((await ui.overflow()) <= 0, `${title} is wider than the window`);
        await ui.shoot(title);
      }
      t.deepEqual(ui.faults, [], name);
    }
});
