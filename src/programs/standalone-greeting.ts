import {relative} from 'node:path';

type Shown = {
  readonly apiUrl: string;
  readonly mesosUrl: string;
  readonly marathonUrl: string;
  readonly kubeconfig: string;
  readonly agents: readonly unknown[];
};

/** What a newcomer reads when everything answers. */
export function greeting({apiUrl, mesosUrl, marathonUrl, kubeconfig, agents}: Shown): string[] {
  const near = relative('.', kubeconfig);
  const path = near.startsWith('..') ? kubeconfig : near;
  return [
    '',
    `Mesos is up with ${agents.length} agents.`,
    `  Marathon   ${marathonUrl}   web UI; its API is below /v2`,
    `  Master     ${mesosUrl}   web UI; its API is /api/v1, /state, …`,
    `  Kubernetes ${apiUrl}`,
    '',
    'Your first app, over REST:',
    `  curl -X POST ${marathonUrl}/v2/apps -H 'Content-Type: application/json' \\`,
    `    -d '{"id":"basic1","cmd":"while true; do echo Hello marathon; sleep 5; done","cpus":0.1,"mem":10}'`,
    `  curl ${marathonUrl}/v2/apps/basic1`,
    '',
    'Or with kubectl:',
    `  export KUBECONFIG=${path}`,
    '  kubectl apply -f examples/basic1.yaml',
    '  kubectl get marathonapps,mesosagents,pods',
    '  kubectl scale marathonapp/basic1 --replicas=3',
    '',
    'Ctrl-C stops everything; the next start goes on with the same apps.',
    '',
  ];
}
