import {DOCKER_OPTIONS} from '../../src/controller/mesos/pods/docker-parameters.ts';
import {POD_ENDS, type PodEnd} from '../../src/controller/mesos/core/tasks/pod-ends.ts';

/** docs/reference/task-states.md: every end of a pod; docs/reference/docker-parameters.md: every option that maps. */
export const taskStateFiles = (): [path: string, content: string][] => [
  ['docs/reference/task-states.md', taskStates()],
  ['docs/reference/docker-parameters.md', dockerParameters()],
];

const ends: Readonly<Record<string, PodEnd>> = POD_ENDS;

function taskStates(): string {
  return [
    '# How a pod ends, and what its framework is told',
    '',
    '<!-- Made from src/controller/mesos/core/tasks/pod-ends.ts by `npm run generate`. Do not edit. -->',
    '',
    '`…` stands for Kubernetes’s own words. TASK_GONE and TASK_DROPPED are TASK_LOST for frameworks that are not PARTITION_AWARE.',
    'A silent agent is not an end: its tasks are TASK_UNREACHABLE (SOURCE_MASTER, REASON_AGENT_REMOVED) until it comes back.',
    '',
    '| end | in Kubernetes | state | source | reason | message |',
    '|---|---|---|---|---|---|',
    ...Object.entries(ends).map(([name, {seen, state, source, reason, message}]) =>
      row([name, seen, state, source, reason ?? '', message]),
    ),
    '',
  ].join('\n');
}

function dockerParameters(): string {
  return [
    '# Docker parameters of a task',
    '',
    '<!-- Made from src/controller/mesos/pods/docker-parameters.ts by `npm run generate`. Do not edit. -->',
    '',
    'What becomes of `container.docker.parameters`. Those that are not listed, or whose value does not fit, are left out and named in the pod’s annotation `mesos.dev/ignored`.',
    '',
    '| parameter | becomes |',
    '|---|---|',
    ...Object.entries(DOCKER_OPTIONS).map(([name, {maps}]) => row([`\`${name}\``, maps])),
    '',
  ].join('\n');
}

const row = (cells: readonly string[]): string => `| ${cells.map(cell => cell.replaceAll('|', '\\|')).join(' | ')} |`;
