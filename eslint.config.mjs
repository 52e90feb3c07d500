import * as regexp from 'eslint-plugin-regexp';
import tseslint from 'typescript-eslint';

/** Folders that are synchronous and touch nothing: no clock, no chance, no I/O (docs/decisions/0001). */
const PURE = [
  'src/lib/**/*.ts',
  'src/api/**/*.ts',
  'src/crds/**/*.ts',
  'src/allocator/**/*.ts',
  'src/simulator/**/*.ts',
  'src/what-if/**/*.ts',
  'src/controller/mesos/core/**/*.ts',
  'src/controller/marathon/core/**/*.ts',
  'src/controller/mesos/pods/**/*.ts',
  'src/controller/mesos/outbox/statuses/*/decide.ts',
];
const AMBIENT = [
  'process',
  'console',
  'setTimeout',
  'setInterval',
  'setImmediate',
  'queueMicrotask',
  'fetch',
  'performance',
  'crypto',
  'Buffer',
  'globalThis',
];

const SYNCHRONOUS = [
  {selector: 'AwaitExpression', message: 'Pure folder: synchronous only.'},
  {selector: ':function[async=true]', message: 'Pure folder: synchronous only.'},
  {
    selector: 'NewExpression[callee.name="Date"][arguments.length=0]',
    message: 'Pure folder: take nowMs as an argument.',
  },
];
/** An expression that is not a constant may be anybody's. */
const BUILT_REGEXP = {
  selector: 'NewExpression[callee.name="RegExp"]:not([arguments.0.name=/^[A-Z_]+$/])',
  message: 'An expression from outside is compiled by re2js: it takes time linear in the text.',
};

export default tseslint.config(
  {ignores: ['node_modules/', 'dist/', 'coverage/', '.mesos/', 'deploy/', 'docs/']},
  ...tseslint.configs.recommended,
  {
    files: ['**/*.{ts,tsx}'],
    languageOptions: {parserOptions: {projectService: true}},
    rules: {
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': ['error', {checksVoidReturn: false}],
      '@typescript-eslint/switch-exhaustiveness-check': ['error', {considerDefaultExhaustiveForUnions: true}],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-unused-vars': ['error', {argsIgnorePattern: '^_', varsIgnorePattern: '^_'}],
      'no-restricted-exports': ['error', {restrictDefaultExports: {direct: true, named: true}}],
      'no-console': 'error',
      eqeqeq: ['error', 'always', {null: 'ignore'}],
    },
  },
  {
    files: PURE,
    rules: {
      'no-restricted-globals': [
        'error',
        ...AMBIENT.map(name => ({name, message: 'Pure folder: time, chance and I/O come in as arguments.'})),
      ],
      'no-restricted-properties': [
        'error',
        {object: 'Date', property: 'now', message: 'Pure folder: take nowMs as an argument.'},
        {object: 'Math', property: 'random', message: 'Pure folder: take a random source as an argument.'},
      ],
      'no-restricted-syntax': ['error', ...SYNCHRONOUS, BUILT_REGEXP],
    },
  },
  // Flags are checked against expressions of our own tables.
  {files: ['src/lib/flags.ts'], rules: {'no-restricted-syntax': ['error', ...SYNCHRONOUS]}},
  // What comes from outside meets no expression that backtracks, or that begins anew at each place of the text.
  {
    files: ['src/**/*.{ts,tsx}', 'bin/*.js'],
    plugins: {regexp},
    rules: {
      'regexp/no-super-linear-backtracking': ['error', {report: 'potential'}],
      'regexp/no-super-linear-move': ['error', {report: 'potential'}],
    },
  },
  {
    files: ['src/**/*.{ts,tsx}'],
    rules: {'max-lines-per-function': ['error', {max: 60, skipBlankLines: true, skipComments: true}]},
  },
  // The environment is read once, at the composition root.
  {
    files: ['src/**/*.ts'],
    ignores: ['src/main.ts', ...PURE],
    rules: {
      'no-restricted-syntax': [
        'error',
        {
          selector: 'MemberExpression[object.name="process"][property.name="env"]',
          message: 'Options are parsed once, in main.ts.',
        },
        BUILT_REGEXP,
      ],
    },
  },
  {
    files: ['src/main.ts', 'scripts/**/*.ts', 'examples/**/*.ts', 'src/clients/**/*.ts', 'bin/*.js', 'test/**/*.ts'],
    rules: {'no-console': 'off'},
  },
  {files: ['*.mjs', '*.config.*'], rules: {'no-restricted-exports': 'off'}},
);
