export default {
  files: ['test/cluster/**/*.test.ts'],
  extensions: ['ts'],
  timeout: '10m',
  // run.ts says which files may run together.
  concurrency: 1,
  serial: true,
  nodeArguments: ['--disable-warning=ExperimentalWarning'],
};
