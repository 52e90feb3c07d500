export default {
  files: ['test/**/*.test.ts', '!test/cluster/**'],
  extensions: ['ts'],
  timeout: '2m',
  concurrency: 2,
  nodeArguments: ['--disable-warning=ExperimentalWarning'],
};
