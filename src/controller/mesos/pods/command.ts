import type {CommandInfo} from '../../../api/mesos/v1/container.ts';
import type {Container} from './pod.ts';

/** Kubernetes reads `$(NAME)` and `$$` in commands and variables; tasks mean them literally. */
export const literal = (text: string): string => text.replace(/[$](?=[$(])/g, '$$$$');

/**
 * What the container runs. With `shell`: `sh -c value`. Without: `value` with `arguments`, of which the first is argv[0];
 * in a Docker container both are arguments of the image's entry point.
 */
export function commandOf(
  {shell = true, value, arguments: list = []}: CommandInfo,
  isDocker: boolean,
): {readonly command?: readonly string[]; readonly args?: readonly string[]} {
  if (shell) return {command: argvOf({shell, value}).map(literal)};
  const hasValue = value !== undefined && value !== '';
  if (isDocker || !hasValue) {
    const args = (hasValue ? [value, ...list] : list).map(literal);
    return args.length > 0 ? {args} : {};
  }
  return {command: argvOf({shell, value, arguments: list}).map(literal)};
}

/**
 * Kubernetes sends SIGTERM to the first process only, and a shell that is the first ignores it. Mesos sends it to the
 * whole tree: here a hook does for what the shell has started.
 */
export const endingOf = ({shell = true}: CommandInfo): Pick<Container, 'lifecycle'> =>
  shell ? {lifecycle: {preStop: {exec: {command: ['/bin/sh', '-c', 'kill -TERM -1 || true']}}}} : {};

/** The words to execute, as they are. */
export const argvOf = ({shell = true, value = '', arguments: list = []}: CommandInfo): readonly string[] =>
  shell ? ['/bin/sh', '-c', value] : [value, ...list.slice(1)];
