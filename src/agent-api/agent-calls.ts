import {type AgentCall, agentCallSchema, type AgentResponse, agentResponseSchema} from '../api/mesos/v1/agent.ts';
import {isTerminal} from '../api/mesos/v1/common.ts';
import type {Task} from '../api/mesos/v1/operator.ts';
import type {CallRefused} from '../api/mesos/v1/transport.ts';
import {listFiles, readFile} from '../controller/mesos/calls/files.ts';
import {refuse} from '../controller/mesos/http/answers.ts';
import {answerEncoding, CALL_BODY, MESSAGE_TYPES, readMessage} from '../controller/mesos/http/negotiate.ts';
import type {Route} from '../controller/web/route.ts';
import {err, ok, type Result} from '../lib/result.ts';
import {type AgentDoors, usageOf} from './agent-doors.ts';
import {agentMetrics, type AgentSnapshot, statistics} from './agent-views.ts';
import {containerIdOf, executorIdOf, type TaskRun} from './task-runs.ts';

/** The v1 API of an agent. */
export const AGENT_CALL_ROUTE: Route<AgentDoors> = {
  method: 'POST',
  path: '/api/v1/{rest*}',
  does: 'Performs a call of the agent’s operator API.',
  permission: 'by-call',
  answeredBy: 'any',
  body: CALL_BODY,
  answers: MESSAGE_TYPES,
  handle: async ({request, response, body}, doors) => {
    const call = readMessage(agentCallSchema, body);
    if (!call.ok) return refuse(response, call.error);
    const problem = callProblem(call.value);
    if (problem !== undefined)
      return refuse(response, {status: 400, message: `Failed to validate agent::Call: ${problem}`});
    const encoding = answerEncoding(request);
    if (!encoding.ok) return refuse(response, encoding.error);
    const answer = await perform(call.value, doors);
    if (!answer.ok) return refuse(response, answer.error);
    if (answer.value === undefined) return void response.status(200).end();
    const bytes = encoding.value.encode(agentResponseSchema, answer.value);
    response.setHeader('Content-Type', encoding.value.type);
    response.send(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  },
};

const BODIES = {
  SET_LOGGING_LEVEL: 'set_logging_level',
  LIST_FILES: 'list_files',
  READ_FILE: 'read_file',
} as const satisfies Partial<Record<NonNullable<AgentCall['type']>, keyof AgentCall>>;

function callProblem(call: AgentCall): string | undefined {
  if (call.type === undefined) return "Expecting 'type' to be present";
  const body = Object.entries(BODIES).find(([type]) => type === call.type)?.[1];
  return body === undefined || call[body] !== undefined ? undefined : `Expecting '${body}' to be present`;
}

type Answer = Result<AgentResponse | undefined, CallRefused>;

async function perform(call: AgentCall, doors: AgentDoors): Promise<Answer> {
  const {list_files, read_file, set_logging_level} = call;
  if (list_files !== undefined || read_file !== undefined) await doors.lookAround();
  if (call.type === 'LIST_FILES' && list_files !== undefined) return listFiles(doors.files, list_files.path);
  if (call.type === 'READ_FILE' && read_file !== undefined) return readFile(doors.files, read_file);
  if (call.type === 'SET_LOGGING_LEVEL' && set_logging_level !== undefined) {
    doors.verbosity.set(set_logging_level.level, set_logging_level.duration.nanoseconds / 1e6);
    return ok(undefined);
  }
  return read(call.type, doors);
}

async function read(type: AgentCall['type'], doors: AgentDoors): Promise<Answer> {
  const [facts, runs] = [await doors.facts, await doors.runs()];
  switch (type) {
    case 'GET_HEALTH':
      return ok({type, get_health: {healthy: true}});
    case 'GET_FLAGS':
      return ok({type, get_flags: {flags: pairs(facts.flags)}});
    case 'GET_VERSION':
      return ok({type, get_version: {version_info: {version: facts.version}}});
    case 'GET_METRICS':
      return ok({type, get_metrics: {metrics: pairs(agentMetrics(facts, runs, doors.nowSeconds()))}});
    case 'GET_LOGGING_LEVEL':
      return ok({type, get_logging_level: {level: doors.verbosity.level}});
    case 'GET_STATE':
      return ok({
        type,
        get_state: {get_tasks: tasks(runs), get_executors: executors(runs), get_frameworks: frameworks(runs)},
      });
    case 'GET_CONTAINERS':
      return ok({type, get_containers: await containers(doors)});
    case 'GET_FRAMEWORKS':
      return ok({type, get_frameworks: frameworks(runs)});
    case 'GET_EXECUTORS':
      return ok({type, get_executors: executors(runs)});
    case 'GET_TASKS':
      return ok({type, get_tasks: tasks(runs)});
    case 'GET_AGENT':
      return ok({type, get_agent: {agent_info: agentInfo(facts)}});
    case 'GET_OPERATIONS':
      return ok({type, get_operations: {}});
    default:
      return err({status: 501, message: 'Unknown call type'});
  }
}

const pairs = <T>(values: Readonly<Record<string, T>>): {name: string; value: T}[] =>
  Object.entries(values).map(([name, value]) => ({name, value}));

const agentInfo = ({hostname, port, agentId, resources, attributes}: AgentSnapshot) => ({
  hostname,
  port,
  resources,
  attributes,
  id: {value: agentId},
});

const isOver = ({state}: TaskRun): boolean => isTerminal(state);
const isLive = (run: TaskRun): boolean => !isOver(run);

const tasks = (runs: readonly TaskRun[]) => ({
  launched_tasks: runs.filter(isLive).map(toTask),
  completed_tasks: runs.filter(isOver).map(toTask),
});

const toTask = ({info, frameworkId, state}: TaskRun): Task => ({
  name: info.name,
  task_id: info.task_id,
  framework_id: {value: frameworkId},
  agent_id: info.agent_id,
  state,
  ...(info.resources !== undefined && {resources: info.resources}),
  ...(info.labels !== undefined && {labels: info.labels}),
  ...(info.executor !== undefined && {executor_id: info.executor.executor_id}),
});

const executors = (runs: readonly TaskRun[]) => ({
  executors: runs.filter(isLive).map(toExecutor),
  completed_executors: runs.filter(isOver).map(toExecutor),
});

const toExecutor = (run: TaskRun) => ({
  executor_info: run.info.executor ?? {
    executor_id: {value: executorIdOf(run)},
    framework_id: {value: run.frameworkId},
    source: run.info.task_id.value,
    ...(run.info.command !== undefined && {command: run.info.command}),
  },
});

function frameworks(runs: readonly TaskRun[]) {
  const byId = [...Map.groupBy(runs, ({frameworkId}) => frameworkId)];
  const toFramework = ([id, own]: readonly [string, readonly TaskRun[]]) => ({
    framework_info: {user: own[0]?.info.command?.user ?? '', name: own[0]?.frameworkName ?? '', id: {value: id}},
  });
  return {
    frameworks: byId.filter(([, own]) => own.some(isLive)).map(toFramework),
    completed_frameworks: byId.filter(([, own]) => !own.some(isLive)).map(toFramework),
  };
}

async function containers(doors: AgentDoors) {
  const [runs, usage] = [await doors.runs(), await doors.usage()];
  return {
    containers: runs.filter(isLive).map(run => {
      const {timestamp = 0, ...rest} = statistics(run, usageOf(run, usage), doors.nowSeconds());
      return {
        framework_id: {value: run.frameworkId},
        executor_id: {value: executorIdOf(run)},
        container_id: {value: containerIdOf(run)},
        container_status: {container_id: {value: containerIdOf(run)}},
        resource_statistics: {timestamp, ...rest},
      };
    }),
  };
}
