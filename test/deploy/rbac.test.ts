import {readdirSync, readFileSync} from 'node:fs';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';
import test from 'ava';
import {parseAllDocuments} from 'yaml';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

type Rule = {readonly resources: readonly string[]; readonly verbs: readonly string[]; readonly resourceNames?: string[]};

/** All rules of a template whose lines with braces leave the rules alone. */
function rulesOf(template: string): Rule[] {
  const lines = readFileSync(join(ROOT, 'deploy/helm/templates', template), 'utf8').split('\n');
  const documents = parseAllDocuments(lines.filter(line => !line.includes('{{')).join('\n'));
  return documents.flatMap(document => {
    const {rules = []} = (document.toJS() ?? {}) as {rules?: Rule[]};
    return rules;
  });
}

const granted = (rules: readonly Rule[]): Set<string> =>
  new Set(rules.flatMap(({resources, verbs}) => resources.flatMap(name => verbs.map(verb => `${verb} ${name}`))));

function sources(folder: string): {path: string; text: string}[] {
  return readdirSync(join(ROOT, folder), {recursive: true, withFileTypes: true})
    .filter(entry => entry.isFile() && entry.name.endsWith('.ts'))
    .map(entry => join(entry.parentPath, entry.name))
    .map(path => ({path: path.slice(ROOT.length), text: readFileSync(path, 'utf8')}));
}

const CALL = /\b[cC]lient\.(get|list|create|update|patch|delete|watch)(?:<[^()]*>)?\(\s*(\w+)(?=([^;]*?\);|))/g;
const INFORMER = /\bcreateInformer(?:<[^()]*>)?\(\{[^}]*?\bkind: (\w+)/g;
/** The target of `editObject`. */
const EDIT = /\{client, kind: ([A-Z_]+), name(?:: \w+)?, namespace\}/g;
/** What a file's edits may come to. */
const EDITS = /'(create|update|patch|delete)'/g;
const isConstant = (name: string): boolean => /^[A-Z][A-Z_]+$/.test(name);
const resourceOf = (constant: string): string => constant.toLowerCase().replaceAll('_', '');

/** Every call of a folder on a kind that the source names, as "verb resource". */
function used(folder: string): Set<string> {
  const found = new Set<string>();
  for (const {text} of sources(folder)) {
    for (const [, kind = ''] of text.matchAll(INFORMER)) {
      if (!isConstant(kind)) continue;
      found.add(`list ${resourceOf(kind)}`).add(`watch ${resourceOf(kind)}`);
    }
    for (const [, kind = ''] of text.matchAll(EDIT)) {
      found.add(`get ${resourceOf(kind)}`);
      for (const [, verb = ''] of text.matchAll(EDITS)) found.add(`${verb} ${resourceOf(kind)}`);
    }
    for (const [, verb = '', kind = '', rest = ''] of text.matchAll(CALL)) {
      if (!isConstant(kind)) continue;
      const subresource = /subresource: '(\w+)'/.exec(rest)?.[1];
      found.add(`${verb} ${resourceOf(kind)}${subresource === undefined ? '' : `/${subresource}`}`);
    }
  }
  return found;
}

test('the controller may do what its code does', t => {
  const may = granted([...rulesOf('controller/role.yaml'), ...rulesOf('controller/cluster-role.yaml')]);
  const does = used('src/controller');
  t.true(does.has('create pods') && does.has('watch mesosagents'), 'the pattern finds calls');
  t.deepEqual([...does].filter(call => !may.has(call)).sort(), []);
});

test('the controller may do no more than its code does', t => {
  const does = used('src/controller');
  // Through runtime/status.ts, by owner references and by applying what is not there yet: no call names them.
  const indirect = /^patch \w+[/]status$|[/]finalizers$|^create poddisruptionbudgets$/;
  const idle = [...granted(rulesOf('controller/role.yaml'))].filter(call => !does.has(call) && !indirect.test(call));
  // An informer that is given its kind reads it by list and watch; a get belongs to reading.
  t.deepEqual(idle.filter(call => !call.startsWith('get ')).sort(), []);
});

test('the agent may do what its code does, and no more', t => {
  const may = granted(rulesOf('agent/role.yaml'));
  const does = used('src/executor-shim/agent');
  t.deepEqual([...does].filter(call => !may.has(call)).sort(), []);
  t.deepEqual([...may].filter(call => !does.has(call) && call !== 'get nodes').sort(), []);
});

test('nobody may do everything', t => {
  for (const template of ['controller/role.yaml', 'controller/cluster-role.yaml', 'agent/role.yaml', 'uninstall/job.yaml']) {
    const rules = rulesOf(template);
    t.true(rules.length > 0, template);
    t.false(JSON.stringify(rules).includes('*'), template);
  }
});
