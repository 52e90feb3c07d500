import {createKubeClient} from '../../../src/kube/client.ts';
import {silentLogger} from '../../../src/kube/log.ts';
import {systemClock, systemRandom} from '../../../src/kube/system-clock.ts';
import type {KubeClient} from '../../../src/kube/types.ts';
import {type Run, kubectlFor} from '../../support/kubectl.ts';
import {binaryPath} from '../binaries.ts';
import {command} from '../command.ts';
import {Layout} from '../layout.ts';
import {open, type TestCluster} from '../test-cluster.ts';

/** The cluster that the run brought up, with ways to ask it. */
export type RealCluster = TestCluster & {
  /** Of an administrator. */
  readonly client: KubeClient;
  /** Runs kubectl; whatever comes of it is the answer. */
  readonly kubectl: (args: readonly string[], input?: string) => Promise<Run>;
  /** Runs helm and returns what it printed; throws when it fails. */
  readonly helm: (args: readonly string[]) => Promise<string>;
};

/** The cluster named by TEST_CLUSTER, else the one of `npm run cluster -- up`. */
export async function realCluster(): Promise<RealCluster> {
  const cluster = await open(process.env['TEST_CLUSTER'] ?? new Layout('dev').statePath);
  if (cluster === undefined) throw new Error('no cluster is up: `npm run cluster -- up` brings one up');
  const {kubeconfigPath} = cluster;
  const kubectl = kubectlFor(kubeconfigPath, `${kubeconfigPath}.cache`);
  return {
    ...cluster,
    client: createKubeClient({kubeconfigPath, clock: systemClock, random: systemRandom, log: silentLogger}),
    kubectl: (args, input) => kubectl(args, {input, timeoutMs: KUBECTL_MS}),
    helm: async args => command([await binaryPath('helm'), ...args, '--kubeconfig', kubeconfigPath]),
  };
}

const KUBECTL_MS = 120_000;
