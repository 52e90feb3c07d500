import {writeFile} from 'node:fs/promises';
import {stringify} from 'yaml';
import {createKubeClient} from '../../src/kube/client.ts';
import {NODES} from '../../src/kube/kinds.ts';
import {silentLogger} from '../../src/kube/log.ts';
import {systemClock, systemRandom} from '../../src/kube/system-clock.ts';
import type {KubeObject} from '../../src/kube/types.ts';
import type {Daemons} from './daemon.ts';

const RESOURCES = {cpu: '64', memory: '256Gi', pods: '500', 'ephemeral-storage': '500Gi'};
const ANNOTATION = 'kwok.x-k8s.io/node';
const AT_ONCE = 20;
/** With its own 4 it would be what limits a benchmark of anything else. */
const CONFIG = {
  apiVersion: 'config.kwok.x-k8s.io/v1alpha1',
  kind: 'KwokConfiguration',
  options: {podPlayStageParallelism: 64},
};

/** Nodes that exist only as objects; kwok keeps them Ready and makes their pods Running. */
export async function addFakeNodes(
  daemons: Daemons,
  kwokPath: string,
  kubeconfigPath: string,
  count: number,
  configPath: string,
): Promise<void> {
  await writeFile(configPath, stringify(CONFIG));
  await daemons.start('kwok', [
    kwokPath,
    `--kubeconfig=${kubeconfigPath}`,
    '--manage-all-nodes=false',
    `--manage-nodes-with-annotation-selector=${ANNOTATION}=fake`,
    '--node-lease-duration-seconds=40',
    `--config=${configPath}`,
  ]);
  const client = createKubeClient({kubeconfigPath, clock: systemClock, random: systemRandom, log: silentLogger});
  const numbers = Array.from({length: count}, (_, index) => index + 1);
  for (let from = 0; from < numbers.length; from += AT_ONCE) {
    const batch = numbers.slice(from, from + AT_ONCE);
    const created = await Promise.all(batch.map(number => client.create(NODES, fakeNode(number))));
    const failed = created.find(each => !each.ok && !(each.error.kind === 'http' && each.error.status === 409));
    if (failed !== undefined && !failed.ok) throw new Error(`a fake node: ${failed.error.message}`);
  }
}

function fakeNode(number: number): KubeObject {
  const name = `fake-${number}`;
  // Without it a pod on the host's network gets no address, and kwok patches such a pod again and again.
  const address = `10.252.${number >> 8}.${number & 255}`;
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {
      name,
      annotations: {[ANNOTATION]: 'fake'},
      labels: {'kubernetes.io/hostname': name, 'kubernetes.io/os': 'linux', type: 'kwok'},
    },
    // Ordinary pods, such as those of a DaemonSet, stay away unless they ask for it.
    spec: {taints: [{key: ANNOTATION, value: 'fake', effect: 'NoSchedule'}]},
    status: {addresses: [{type: 'InternalIP', address}], allocatable: RESOURCES, capacity: RESOURCES},
  };
}
