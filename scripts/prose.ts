// Reads the prose that people read and names what is hard to read: `node scripts/prose.ts [files]`. Decisions are records, and are not rewritten.
import {globSync, readFileSync} from 'node:fs';
import {fileURLToPath} from 'node:url';
import {TextlintKernel} from '@textlint/kernel';
// CommonJS: its default export is a property of ours.
import {default as markdown} from '@textlint/textlint-plugin-markdown';
import {plainEnglish} from './prose/plain-english.ts';
import {commentProblems} from './prose/comments.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const PAGES = [
  '*.md',
  'docs/*.md',
  'docs/how-to/*.md',
  'docs/reference/*.md',
  'examples/**/README.md',
  'src/**/README.md',
];
const GENERATED = /^<!-- Made from /m;

const given = process.argv.slice(2);
const pages = given.length > 0 ? given.filter(path => path.endsWith('.md')) : globSync(PAGES, {cwd: root}).toSorted();
const sources = given.length > 0 ? given.filter(path => path.endsWith('.ts')) : globSync('src/**/*.ts', {cwd: root});

const kernel = new TextlintKernel();
const problems: string[] = [];
for (const path of pages) {
  const text = readFileSync(`${root}/${path}`, 'utf8');
  if (GENERATED.test(text)) continue;
  const {messages} = await kernel.lintText(text, {
    filePath: path,
    ext: '.md',
    plugins: [{pluginId: 'markdown', plugin: markdown.default}],
    rules: [{ruleId: 'plain-english', rule: plainEnglish}],
  });
  for (const {loc, message} of messages) problems.push(`${path}:${loc.start.line}: ${message}`);
}
for (const path of sources.toSorted()) {
  for (const {line, message} of commentProblems(readFileSync(`${root}/${path}`, 'utf8'))) {
    problems.push(`${path}:${line}: ${message}`);
  }
}
for (const problem of problems) console.error(problem);
if (problems.length > 0) process.exit(1);
console.log(`prose: ${pages.length} pages and the comments of ${sources.length} files`);
