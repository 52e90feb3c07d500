import {count, duration} from '../shared/format.ts';
import {Facts} from '../shared/page.tsx';
import {Table} from '../shared/table.tsx';
import {Ago} from '../shared/time.tsx';
import {time} from './instances.tsx';
import {type App, type Queued, type TaskStats, waitingReason} from './model.ts';

const STATS = {
  startedAfterLastScaling: 'Started after the last scaling',
  withLatestConfig: 'With the latest configuration',
  withOutdatedConfig: 'With an older configuration',
  totalSummary: 'All',
} as const;

/** Why an app is as it is. */
export function Debug({app, queued}: {readonly app: App; readonly queued: Queued | undefined}) {
  const {versionInfo, lastTaskFailure: failure, tasksStats: taskStats = {}} = app;
  const scaled =
    versionInfo?.lastScalingAt === versionInfo?.lastConfigChangeAt ? undefined : versionInfo?.lastScalingAt;
  return (
    <>
      {queued === undefined ? null : <Waiting queued={queued} />}
      <h2>Last changes</h2>
      <Facts
        rows={[
          [
            'Scale or restart',
            scaled === undefined ? 'None since the last change of the configuration' : <Ago ms={time(scaled)} />,
          ],
          ['Configuration', <Ago ms={time(versionInfo?.lastConfigChangeAt)} />],
        ]}
      />
      <h2>Last task failure</h2>
      {failure === undefined ? (
        <p class="empty">No task of this app has failed.</p>
      ) : (
        <Facts
          rows={[
            ['Task', failure.taskId],
            ['State', failure.state],
            ['Message', failure.message],
            ['Host', failure.host],
            ['When', <Ago ms={time(failure.timestamp)} />],
            ['Version', failure.version],
          ]}
        />
      )}
      <h2>Task statistics</h2>
      {Object.keys(taskStats).length === 0 ? <p class="empty">No task runs.</p> : null}
      {Object.entries(STATS).map(([name, title]) => {
        const stats = taskStats[name]?.stats;
        return stats === undefined ? null : <Statistics key={name} title={title} stats={stats} />;
      })}
    </>
  );
}

function Waiting({queued}: {readonly queued: Queued}) {
  const {rejectSummaryLastOffers: reasons, unusedOffersCount} = queued.processedOffersSummary;
  return (
    <>
      <h2>Why it waits</h2>
      <p class="notice">{waitingReason(queued)}.</p>
      <p class="quiet">
        It has waited since <Ago ms={time(queued.since)} />. {count(unusedOffersCount, 'offer')} could not be used in
        that time.
      </p>
      <Table
        label="Refused offers"
        rows={reasons}
        idOf={({reason}) => reason}
        empty="No offer has come yet."
        columns={[
          {title: 'Asked of the last offers', show: ({reason}) => reason.replaceAll(/([a-z])([A-Z])/g, '$1 $2')},
          {title: 'Refused', show: ({declined}) => declined, align: 'right'},
          {title: 'Looked at', show: ({processed}) => processed, align: 'right'},
        ]}
      />
    </>
  );
}

function Statistics({title, stats}: {readonly title: string; readonly stats: TaskStats}) {
  const {counts, lifeTime} = stats;
  return (
    <details>
      <summary>
        {title} ({count(counts.running + counts.staged, 'task')})
      </summary>
      <Facts
        rows={[
          ['Running', counts.running],
          ['Healthy', counts.healthy],
          ['Unhealthy', counts.unhealthy],
          ['Staged', counts.staged],
          ['Average life', lifeTime === undefined ? undefined : duration(lifeTime.averageSeconds)],
          ['Median life', lifeTime === undefined ? undefined : duration(lifeTime.medianSeconds)],
        ]}
      />
    </details>
  );
}
