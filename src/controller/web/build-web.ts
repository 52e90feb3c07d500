import type {RequestListener} from 'node:http';
import {formatFlags} from '../../lib/flags.ts';
import {err, ok, type Result} from '../../lib/result.ts';
import type {Clock} from '../../lib/clock.ts';
import type {Logger} from '../../kube/log.ts';
import {MARATHON_FLAGS} from '../marathon/flags.ts';
import {marathonInfo} from '../marathon/http/info.ts';
import type {MarathonDoors} from '../marathon/http/marathon-doors.ts';
import {marathonPort} from '../marathon/http/marathon-port.ts';
import {NAMED_SCHEMAS} from '../marathon/http/schemas.ts';
import {servicesOf} from '../marathon/http/services.ts';
import type {Marathon} from '../marathon/marathon.ts';
import {MarathonMetrics} from '../marathon/views/metrics.ts';
import {masterPort} from '../mesos/http/master-port.ts';
import type {MasterService} from '../mesos/master.ts';
import type {HealthRegistry} from '../runtime/health.ts';
import {WHAT_IF_ROUTE} from '../what-if/what-if-route.ts';
import type {Access} from './access.ts';
import {CONSOLE_ROUTES} from './console.ts';
import {HELP_ROUTE, OPENAPI_ROUTE} from './description-routes.ts';
import {HEALTH_ROUTES} from './health-routes.ts';
import type {Leadership} from './leadership.ts';
import {listen, type ListenAddress, type WebServer} from './listen.ts';
import {findPages, PAGE_ROUTES} from './pages.ts';
import {answerByTable} from './port.ts';
import {schemeOf, type Tls} from './tls.ts';
import {ROUTE_TABLE} from './route-table.ts';
import {bind} from './route.ts';
import type {StaticFiles} from './static-files.ts';

export type WebOptions = {
  /** Undefined: both ports speak plain HTTP. */
  readonly tls: Tls | undefined;
  readonly master: ListenAddress;
  readonly marathon: ListenAddress;
};

/** What answers on the two ports. */
export type WebDoors = {
  readonly master: Pick<MasterService, 'doors' | 'cluster'>;
  readonly marathon: Marathon;
  readonly marathonLeadership: Leadership;
  /** Lets another process lead. */
  readonly abdicate: () => void;
  readonly health: HealthRegistry;
  readonly access: Access;
  /** `host:port` under which others reach the two ports of this process. */
  readonly addresses: {readonly master: string; readonly marathon: string};
  /** Names under which browsers may come; undefined: what `--allowed_hosts` says when it is not set. */
  readonly allowedHosts: readonly string[];
  readonly version: string;
  readonly clock: Clock;
  readonly log: Logger;
};

/** Both ports. They are known before what answers there, as the master tells them to frameworks. */
export type Web = {
  readonly ports: {readonly master: number; readonly marathon: number};
  readonly serve: (doors: WebDoors) => void;
  readonly close: () => Promise<void>;
};

/** Listens on both ports. @returns an error that names the flag when a port can't be had */
export async function buildWeb({master, marathon, tls}: WebOptions): Promise<Result<Web, string>> {
  const nobodyYet: RequestListener = (_request, response) => response.writeHead(503).end();
  let [onMaster, onMarathon] = [nobodyYet, nobodyYet];
  const pages = {master: await findPages('mesos'), marathon: await findPages('marathon')};
  const servers = await listenOnBoth(
    [
      [(request, response) => onMaster(request, response), master],
      [(request, response) => onMarathon(request, response), marathon],
    ],
    tls,
  );
  if (!servers.ok) return servers;
  const [masterServer, marathonServer] = servers.value;
  return ok({
    ports: {master: masterServer.port, marathon: marathonServer.port},
    serve: doors => {
      onMaster = answerByTable(masterTable(doors, pages.master));
      onMarathon = answerByTable(marathonTable(doors, pages.marathon));
    },
    close: async () => void (await Promise.all([masterServer.close(), marathonServer.close()])),
  });
}

type Listener = readonly [RequestListener, ListenAddress];

async function listenOnBoth([one, other]: readonly [Listener, Listener], tls: Tls | undefined) {
  const first = await listen(...one, {tls});
  if (!first.ok) return first;
  const second = await listen(...other, {tls});
  if (second.ok) return ok([first.value, second.value] as const satisfies readonly WebServer[]);
  await first.value.close();
  return err(second.error);
}

function masterTable(doors: WebDoors, pages: StaticFiles) {
  const {master, marathon, health, version} = doors;
  const more = [
    ...bind([WHAT_IF_ROUTE], {cluster: master.cluster, marathon}),
    ...bind(HEALTH_ROUTES, health),
    ...bind([HELP_ROUTE], {title: 'Mesos', version, routes: ROUTE_TABLE.master}),
    ...bind(PAGE_ROUTES, pages),
  ];
  return masterPort(master.doors, common(doors, 'master'), more);
}

function marathonTable(doors: WebDoors, pages: StaticFiles) {
  const {marathon, marathonLeadership: leadership, clock, version} = doors;
  const metrics = new MarathonMetrics(marathon, clock);
  const own: MarathonDoors = {
    access: marathon,
    ...servicesOf(marathon),
    leadership,
    info: () => infoOf(doors),
    prometheus: () => metrics.prometheus(),
    metrics: () => metrics.json(version),
    flags: () => formatFlags(MARATHON_FLAGS, marathon.flags),
    logging: doors.log.level,
    clock,
    abdicate: doors.abdicate,
  };
  const described = {title: 'Marathon', version, routes: ROUTE_TABLE.marathon, schemas: NAMED_SCHEMAS};
  const more = [...bind([OPENAPI_ROUTE], described), ...bind(CONSOLE_ROUTES, undefined), ...bind(PAGE_ROUTES, pages)];
  return {
    ...marathonPort(own, common(doors, 'marathon'), more),
    onRequest: (method: string) => metrics.request(method),
  };
}

function common({log, addresses, allowedHosts, access}: WebDoors, port: 'master' | 'marathon') {
  const own = [addresses.master, addresses.marathon].map(address => address.replace(/:\d+$/, '').toLowerCase());
  const served = {names: [...own, ...allowedHosts], strict: allowedHosts.length > 0};
  return {log, self: () => addresses[port], served: () => served, gatekeeper: access[port], tls: access.tls?.material};
}

function infoOf({marathon, marathonLeadership, master, version, addresses, access}: WebDoors) {
  return marathonInfo({
    version,
    leading: marathonLeadership.phase() !== 'standby',
    leader: marathonLeadership.leaderAddress(),
    frameworkId: marathon.frameworkId(),
    flags: formatFlags(MARATHON_FLAGS, marathon.flags),
    masterUrl: `${schemeOf(access.tls)}://${master.doors.leadership.leaderAddress() ?? addresses.master}`,
    httpPort: Number(addresses.marathon.split(':').at(-1)),
  });
}
