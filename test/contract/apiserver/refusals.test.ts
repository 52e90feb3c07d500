import {readFile} from 'node:fs/promises';
import test from 'ava';
import {parse} from 'yaml';
import {type CallOptions, Target, untilStatus} from './target.ts';

// What kube-apiserver 1.35 answers to requests that it refuses: the status, the reason and how the message begins.
type Refusal = {
  readonly method: string;
  readonly path: string;
  readonly body?: unknown;
  readonly options?: CallOptions;
  readonly status: number;
  readonly reason?: string;
  readonly message: string;
};

const read = (path: string): Promise<string> => readFile(new URL(path, import.meta.url), 'utf8');
const APPS = '../../../deploy/crds/marathonapps.mesos.dev.yaml';
const refusals: readonly Refusal[] = JSON.parse(await read('refusals.json'));

let target: Awaited<ReturnType<typeof Target.open>>;
let namespace: string;
test.before(async () => {
  target = await Target.open();
  namespace = await target.namespace();
  const made = await target.call(
    'POST',
    '/apis/apiextensions.k8s.io/v1/customresourcedefinitions',
    parse(await read(APPS)),
  );
  if (made.status !== 201 && made.status !== 409) throw new Error(made.text);
  await untilStatus(target, '/apis/mesos.dev/v1/marathonapps', 200);
  await target.must('POST', `/api/v1/namespaces/${namespace}/configmaps`, {metadata: {name: 'seed'}, data: {a: 'b'}});
});
test.after.always(() => target.stop());

/** The kube-apiserver goes through the keys of a map in an order that changes. */
const withKeysInOrder = (message: string): string =>
  message.replace(
    / \[(data\[.*)\]$/s,
    (_, causes: string) =>
      ` [${causes
        .split(/, (?=data\[)/)
        .sort()
        .join(', ')}]`,
  );

for (const [index, refusal] of refusals.entries()) {
  const {method, path, status, message} = refusal;
  test(`${index}: ${method} ${path} is refused: ${status} ${message.slice(0, 150)}`, async t => {
    const inNamespace = <T>(value: T): T =>
      JSON.parse(JSON.stringify(value ?? null).replaceAll('{namespace}', namespace));
    const body = refusal.body === undefined ? undefined : inNamespace(refusal.body);
    const answer = await target.call(method, inNamespace(path), body, refusal.options);
    t.like(answer.body, {kind: 'Status', status: 'Failure', code: status});
    t.is(answer.body['reason'], refusal.reason);
    const got = String(answer.body['message']).slice(0, message.length);
    t.is(withKeysInOrder(got), withKeysInOrder(message));
  });
}
