export default {
  files: ['test/cluster/**/*.test.ts'],
  extensions: ['ts'],
  timeout: '10m',
  // One file at a time: some stop what the others use.
  concurrency: 1,
  serial: true,
  nodeArguments: ['--disable-warning=ExperimentalWarning'],
};
