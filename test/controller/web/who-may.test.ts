import {createServer} from 'node:http';
import type {AddressInfo} from 'node:net';
import test from 'ava';
import {masterRefusal, redirection} from '../../../src/controller/mesos/http/refusals.ts';
import {answerByTable} from '../../../src/controller/web/port.ts';
import type {RouteEntry} from '../../../src/controller/web/route.ts';
import {ROUTE_TABLE} from '../../../src/controller/web/route-table.ts';
import {silentLogger} from '../../../src/kube/log.ts';
import {believingGate} from '../../support/believing-gate.ts';

const ANY = {type: 'ANY'};
const READERS = {values: ['reader', 'admin']};
const ACLS = {
  permissive: false,
  get_endpoints: [{principals: READERS, paths: ANY}],
  view_flags: [{principals: READERS, flags: ANY}],
  access_mesos_logs: [{principals: READERS, logs: ANY}],
  set_log_level: [{principals: {values: ['admin']}, level: ANY}],
  change_masters: [{principals: {values: ['admin']}, masters: ANY}],
};

/** Rows that are about everybody at once, so that the port itself asks; of others the caller gets its own part. */
const WHOLE = ['view-whole', 'view-process', 'operate-masters'];
const isOpen = ({permission}: RouteEntry): boolean => permission === 'open';

/** What each caller gets of a row: 200 means that its handler is reached. */
const callers: Record<string, (row: RouteEntry) => number> = {
  nobody: row => (isOpen(row) ? 200 : 401),
  bad: row => (isOpen(row) ? 200 : 401),
  claims: row => (isOpen(row) ? 200 : 403),
  stranger: ({permission}) => (WHOLE.includes(permission) ? 403 : 200),
  reader: ({permission}) => (permission === 'operate-masters' ? 403 : 200),
  admin: () => 200,
};

for (const [port, rows] of Object.entries(ROUTE_TABLE)) {
  for (const row of rows) {
    test(`${port}: ${row.method} ${row.path} gives each caller what it may have`, async t => {
      // A path is asked for as a whole: what may be changed there closes it for reading, too.
      const ofPath = rows.filter(({path}) => path === row.path);
      const server = createServer(
        answerByTable({
          routes: ofPath.map(entry => ({...entry, handle: ({response}) => void response.status(200).end()})),
          leadership: {phase: () => 'leading', leaderAddress: () => undefined},
          ...{self: () => '', redirection, refusal: masterRefusal, headers: () => ({}), checksAccept: false},
          ...{served: () => ({names: [], strict: false}), tls: undefined, log: silentLogger},
          gatekeeper: believingGate(ACLS),
        }),
      );
      await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
      t.teardown(() => void (server.closeAllConnections(), server.close()));
      const {port: number} = server.address() as AddressInfo;
      const path = row.path.replaceAll(/\{\w+[+*]?\}/g, 'x');
      const isForm = row.body.kind === 'form';
      const type = isForm ? 'application/x-www-form-urlencoded' : 'application/json';
      const sent = row.method === 'GET' ? {} : {body: isForm ? 'a=b' : '{}'};
      const got: Record<string, number> = {};
      for (const name of Object.keys(callers)) {
        const headers = {
          ...(row.method !== 'GET' && {'content-type': type}),
          ...(name !== 'nobody' && {authorization: `Bearer ${name}`}),
        };
        const answer = await fetch(`http://127.0.0.1:${number}${path}`, {method: row.method, headers, ...sent});
        await answer.arrayBuffer();
        got[name] = answer.status;
      }
      t.deepEqual(got, Object.fromEntries(Object.entries(callers).map(([name, want]) => [name, want(row)])));
    });
  }
}
