import test from 'ava';
import {AgentBook} from '../../src/allocator/agent-book.ts';
import {ClientBook} from '../../src/allocator/client-book.ts';
import {HandedOut} from '../../src/allocator/handed-out.ts';
import {ClusterTotal, ScalarNames} from '../../src/allocator/sorter/cluster-total.ts';
import {DrfSorter} from '../../src/allocator/sorter/drf-sorter.ts';
import {formatResources} from '../../src/allocator/text-form.ts';
import {agent, cm, fw, readable} from './cluster.ts';

test('what a client got of one agent in two steps is one allocation, and both steps are remembered', t => {
  const total = new ClusterTotal(new ScalarNames());
  const book = new ClientBook(total, {roles: new DrfSorter(total), frameworks: () => new DrfSorter(total)});
  const framework = {frameworkId: fw('f'), active: true, capabilities: new Set<string>(), clients: new Map()};
  const client = book.join(framework, 'r');
  const agents = new AgentBook();
  const [a, b] = ['a', 'b'].map(id => agents.add({agentId: agent(id), total: cm(4, 4096)}));
  if (a === undefined || b === undefined) return t.fail();
  const handedOut = new HandedOut();
  t.true(handedOut.isEmpty);
  handedOut.merge(client, a, cm(1, 1024), cm(4, 4096));
  handedOut.merge(client, b, cm(4, 4096), cm(4, 4096));
  handedOut.merge(client, a, cm(2, 2048), cm(3, 3072));
  t.false(handedOut.isEmpty);
  t.deepEqual(readable(handedOut.allocations), ['f@a r cpus:3;mem:3072', 'f@b r cpus:4;mem:4096']);
  t.is(handedOut.size, 3);
  const steps = [0, 1, 2, 3].map(i => {
    const step = handedOut.step(i);
    return step && `${step.agentId} ${formatResources(step.resources)} of ${formatResources(step.freeBefore)}`;
  });
  t.deepEqual(steps, [
    'a cpus:1;mem:1024 of cpus:4;mem:4096',
    'b cpus:4;mem:4096 of cpus:4;mem:4096',
    'a cpus:2;mem:2048 of cpus:3;mem:3072',
    undefined,
  ]);
});
