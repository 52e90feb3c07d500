import {MESOS_FRAMEWORKS} from '../../../../../crds/mesos-framework.ts';
import type {Informer, KubeClient, KubeError} from '../../../../../kube/types.ts';
import type {Subject} from '../../../../../lib/blame.ts';
import {aboutFramework} from '../../../objects/subjects.ts';
import {setAside} from '../mesosagent/decide.ts';
import type {Clock} from '../../../../../lib/clock.ts';
import {ok, type Result} from '../../../../../lib/result.ts';
import type {ReadonlyFramework, ReadonlyMaster} from '../../../core/state.ts';
import {liveTasks} from '../../../core/tasks/launches.ts';
import type {FrameworkView} from '../../../objects/framework-object.ts';
import {sum, usedByFramework} from '../../../views/operator-views.ts';
import {patchStatus, setCondition} from '../../../../runtime/status.ts';
import {decideFramework, type FrameworkFacts} from './decide.ts';

export type FrameworkReconcilerOptions = {
  readonly client: KubeClient;
  readonly clock: Clock;
  readonly namespace: string;
  readonly frameworks: Informer<FrameworkView>;
  readonly master: ReadonlyMaster;
  /** Why the master leaves the object out. */
  readonly whyAside: (subject: Subject) => string | undefined;
};

/** Brings a MesosFramework's status up to date, with one patch or none. */
export async function reconcileFramework(
  options: FrameworkReconcilerOptions,
  name: string,
): Promise<Result<unknown, KubeError>> {
  const {client, clock, frameworks, namespace, master, whyAside} = options;
  const view = frameworks.get(name, namespace);
  const id = view?.framework?.id;
  const framework = id === undefined ? undefined : master.frameworks.get(id);
  const aside = view === undefined ? undefined : whyAside(aboutFramework(view));
  if (view !== undefined && aside !== undefined) return tellAside(options, view, aside);
  if (view === undefined || view.deleting || framework?.uid !== view.uid) return ok(undefined);
  const {connected, fields} = decideFramework(gather(master, framework, view.generation));
  const nowIso = new Date(clock.now()).toISOString();
  const conditions = setCondition(view.status?.conditions ?? [], connected, nowIso, view.generation);
  return patchStatus(client, MESOS_FRAMEWORKS, view, {...fields, conditions});
}

function tellAside({client, clock}: FrameworkReconcilerOptions, view: FrameworkView, aside: string) {
  const condition = {type: 'Connected', status: 'False', ...setAside(aside)} as const;
  const nowIso = new Date(clock.now()).toISOString();
  const conditions = setCondition(view.status?.conditions ?? [], condition, nowIso, view.generation);
  return patchStatus(client, MESOS_FRAMEWORKS, view, {...view.status, conditions});
}

const gather = (master: ReadonlyMaster, framework: ReadonlyFramework, generation: number): FrameworkFacts => ({
  connected: framework.streamId !== undefined,
  recovered: framework.recovered,
  generation,
  registeredMs: framework.registeredMs,
  reregisteredMs: framework.reregisteredMs,
  disconnectedMs: framework.disconnectedMs,
  failoverDeadlineMs: framework.failoverDeadlineMs,
  tasks: liveTasks(framework.tasks.values()),
  offers: framework.offers.size,
  used: sum(usedByFramework(master, framework)).quantities(),
});
