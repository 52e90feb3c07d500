import type {TestNode} from '../test-cluster.ts';

/** Pids, inside the node, of a pod's processes whose command line matches. */
export async function pidsOf(node: TestNode, podUid: string, commandLine: RegExp): Promise<number[]> {
  // With the systemd driver the cgroup has the uid with underscores.
  const pattern = `pod${podUid.replaceAll('-', '[-_]')}`;
  const script = `for p in /proc/[0-9]*; do grep -q '${pattern}' $p/cgroup 2>/dev/null && echo "\${p#/proc/} $(tr '\\0' ' ' < $p/cmdline)"; done; true`;
  const lines = (await node.exec(['sh', '-c', script])).trim().split('\n');
  return lines
    .map(line => /^(\d+) (.*)$/.exec(line))
    .filter(match => match !== null && commandLine.test(match[2] ?? ''))
    .map(match => Number(match?.[1]));
}

/** The process that holds a pod's network for as long as there is the pod. */
export async function sandboxOf(node: TestNode, podUid: string): Promise<number> {
  const [pid] = await pidsOf(node, podUid, /^(\/pause|\/bin\/busybox sleep infinity)/);
  if (pid === undefined) throw new Error('the pod has no sandbox');
  return pid;
}

export async function signal(node: TestNode, pids: readonly number[], name: 'KILL' | 'STOP' | 'CONT'): Promise<void> {
  if (pids.length === 0) throw new Error('no process to signal');
  await node.exec(['kill', `-${name}`, ...pids.map(String)]);
}

/** Cuts the network namespace of a process off, its loopback too; and joins it again. */
export async function cutNetwork(node: TestNode, pid: number, state: 'cut' | 'joined'): Promise<void> {
  const verb = state === 'cut' ? '-I' : '-D';
  for (const chain of ['INPUT', 'OUTPUT'])
    await node.exec(['nsenter', `--target=${pid}`, '--net', 'iptables', '-w', verb, chain, '-j', 'DROP']);
}
