export default {
  files: ['test/**/*.test.ts', '!test/cluster/**'],
  extensions: ['ts'],
  timeout: '5m',
  concurrency: 2,
  nodeArguments: ['--disable-warning=ExperimentalWarning'],
};
