import type {TaskCheck} from './acceptance.ts';

export const agentIdCheck: TaskCheck = (info, {agent}) =>
  info.agent_id.value === agent.record.id
    ? undefined
    : `Task uses invalid agent ${info.agent_id.value} while agent ${agent.record.id} is expected`;
