// Builds the pages of both ports from `src/clients/ui` into `dist/ui`; `npm ci` does it once.
import {fileURLToPath} from 'node:url';
import {build} from 'vite';

const inRepository = (path: string): string => fileURLToPath(new URL(`../${path}`, import.meta.url));

for (const name of ['mesos', 'marathon']) {
  await build({
    root: inRepository(`src/clients/ui/${name}`),
    // Addresses are relative: a proxy may put a path before them.
    base: './',
    configFile: false,
    logLevel: 'warn',
    oxc: {jsx: {runtime: 'automatic', importSource: 'preact'}},
    build: {
      outDir: inRepository(`dist/ui/${name}`),
      emptyOutDir: true,
      // What is in a `data:` address would want a wider content security policy.
      assetsInlineLimit: 0,
      modulePreload: {polyfill: false},
    },
  });
}
