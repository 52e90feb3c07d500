import type {CommandInfo, Environment} from '../../../../api/mesos/v1/container.ts';
import type {TaskCheck} from './acceptance.ts';

/** A command can be started and its environment be set. */
export const commandCheck: TaskCheck = ({command, container}) => {
  if (command === undefined) return undefined;
  return valueProblem(command, container !== undefined) ?? environmentProblem(command.environment);
};

/** Without a value only an image knows what to run. */
function valueProblem(command: CommandInfo, mayHaveImage: boolean): string | undefined {
  if (command.value !== undefined && command.value !== '') return undefined;
  if (command.shell ?? true) return 'Shell command must have a value';
  return mayHaveImage ? undefined : 'Command must have a value or an image to run';
}

function environmentProblem(environment: Environment | undefined): string | undefined {
  for (const {name, type, value, secret} of environment?.variables ?? []) {
    if (type === 'SECRET') {
      if (secret === undefined) return `Environment variable '${name}' of type SECRET must have a secret`;
      continue;
    }
    if (secret !== undefined) return `Environment variable '${name}' of type VALUE must not have a secret`;
    if (value === undefined) return `Environment variable '${name}' of type VALUE must have a value`;
  }
  return undefined;
}
