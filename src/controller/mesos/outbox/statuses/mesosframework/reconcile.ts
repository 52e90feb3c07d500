import {MESOS_FRAMEWORKS} from '../../../../../crds/mesos-framework.ts';
import type {Informer, KubeClient, KubeError} from '../../../../../kube/types.ts';
import type {Clock} from '../../../../../lib/clock.ts';
import {ok, type Result} from '../../../../../lib/result.ts';
import type {Framework, Master} from '../../../core/state.ts';
import {liveTasks} from '../../../core/tasks/tasks.ts';
import type {FrameworkView} from '../../../objects/framework-object.ts';
import {sum, usedByFramework} from '../../../views/operator-views.ts';
import {patchStatus, setCondition} from '../../../../runtime/status.ts';
import {decideFramework, type FrameworkFacts} from './decide.ts';

export type FrameworkReconcilerOptions = {
  readonly client: KubeClient;
  readonly clock: Clock;
  readonly namespace: string;
  readonly frameworks: Informer<FrameworkView>;
  readonly master: Master;
};

/** Brings a MesosFramework's status up to date, with one patch or none. */
export async function reconcileFramework(
  options: FrameworkReconcilerOptions,
  name: string,
): Promise<Result<unknown, KubeError>> {
  const {client, clock, frameworks, namespace, master} = options;
  const view = frameworks.get(name, namespace);
  const id = view?.framework?.id;
  const framework = id === undefined ? undefined : master.frameworks.get(id);
  if (view === undefined || view.deleting || framework?.uid !== view.uid) return ok(undefined);
  const {connected, fields} = decideFramework(gather(framework, view.generation));
  const nowIso = new Date(clock.now()).toISOString();
  const conditions = setCondition(view.status?.conditions ?? [], connected, nowIso, view.generation);
  return patchStatus(client, MESOS_FRAMEWORKS, view, {...fields, conditions});
}

const gather = (framework: Framework, generation: number): FrameworkFacts => ({
  connected: framework.streamId !== undefined,
  recovered: framework.recovered,
  generation,
  registeredMs: framework.registeredMs,
  reregisteredMs: framework.reregisteredMs,
  disconnectedMs: framework.disconnectedMs,
  failoverDeadlineMs: framework.failoverDeadlineMs,
  tasks: liveTasks(framework.tasks.values()),
  offers: framework.offers.size,
  used: sum(usedByFramework(framework)).quantities(),
});
