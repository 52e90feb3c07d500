import test from 'ava';
import {allows, parseAcls} from '../../../src/controller/access/acls.ts';
import type {Asked} from '../../../src/controller/access/actions.ts';

const ANY = {type: 'ANY'};
const NONE = {type: 'NONE'};
const of = (...values: string[]) => ({values});

/** `want`: whether the principal (undefined: nobody) may do what is asked. */
type Row = {acls: object; principal?: string; asked: Asked; want: boolean};

const register = (object: string): Asked => ({action: 'register_frameworks', object});
const roles = (...entries: [object, object][]) => ({
  register_frameworks: entries.map(([principals, objects]) => ({principals, roles: objects})),
});

const rows: Record<string, Row> = {
  'what nothing is said about is allowed': {acls: {}, principal: 'a', asked: register('r'), want: true},
  'also to nobody': {acls: {}, asked: register('r'), want: true},
  'not permissive: what nothing is said about is forbidden': {
    acls: {permissive: false},
    principal: 'a',
    asked: register('r'),
    want: false,
  },
  'the named principal may what is named': {
    acls: {permissive: false, ...roles([of('a'), of('r', 's')])},
    principal: 'a',
    asked: register('s'),
    want: true,
  },
  'another principal falls through': {
    acls: {permissive: false, ...roles([of('a'), of('r')])},
    principal: 'b',
    asked: register('r'),
    want: false,
  },
  'nobody is no named principal': {
    acls: {permissive: false, ...roles([of('a', ''), of('r')])},
    asked: register('r'),
    want: false,
  },
  'nobody is any': {acls: {permissive: false, ...roles([ANY, of('r')])}, asked: register('r'), want: true},
  'any object': {acls: {permissive: false, ...roles([of('a'), ANY])}, principal: 'a', asked: register('x'), want: true},
  'none of the objects': {acls: roles([of('a'), NONE]), principal: 'a', asked: register('x'), want: false},
  'no principal': {acls: roles([NONE, of('r')]), principal: 'a', asked: register('r'), want: false},
  'the first entry that fits decides': {
    acls: roles([of('a'), of('r')], [ANY, NONE]),
    principal: 'a',
    asked: register('r'),
    want: true,
  },
  'the second one, where the first does not fit': {
    acls: roles([of('a'), of('r')], [ANY, NONE]),
    principal: 'a',
    asked: register('s'),
    want: false,
  },
  'a role below a named one': {
    acls: {permissive: false, ...roles([of('a'), of('eng/%')])},
    principal: 'a',
    asked: register('eng/web/api'),
    want: true,
  },
  'the named one itself is not below it': {
    acls: {permissive: false, ...roles([of('a'), of('eng/%')])},
    principal: 'a',
    asked: register('eng'),
    want: false,
  },
  'a role that only begins alike is not below it': {
    acls: {permissive: false, ...roles([of('a'), of('eng/%')])},
    principal: 'a',
    asked: register('english'),
    want: false,
  },
  'an app below a group': {
    acls: {permissive: false, update_apps: [{principals: of('a'), paths: of('/dev/%')}]},
    principal: 'a',
    asked: {action: 'update_apps', object: '/dev/web'},
    want: true,
  },
  'an app of another group': {
    acls: {permissive: false, update_apps: [{principals: of('a'), paths: of('/dev/%')}]},
    principal: 'a',
    asked: {action: 'update_apps', object: '/prod/web'},
    want: false,
  },
  'all apps are below the root': {
    acls: {permissive: false, update_apps: [{principals: of('a'), paths: of('/%')}]},
    principal: 'a',
    asked: {action: 'update_apps', object: '/web'},
    want: true,
  },
  'paths of endpoints are no tree': {
    acls: {permissive: false, get_endpoints: [{principals: of('a'), paths: of('/metrics/%')}]},
    principal: 'a',
    asked: {action: 'get_endpoints', object: '/metrics/snapshot'},
    want: false,
  },
  'what is whole': {
    acls: {permissive: false, drain_agents: [{principals: of('a'), agents: ANY}]},
    principal: 'a',
    asked: {action: 'drain_agents'},
    want: true,
  },
  'an object without a name is only any': {
    acls: {permissive: false, teardown_frameworks: [{principals: of('a'), framework_principals: of('b')}]},
    principal: 'a',
    asked: {action: 'teardown_frameworks'},
    want: false,
  },
};
for (const [title, {acls, principal, asked, want}] of Object.entries(rows)) {
  test(title, t => {
    const parsed = parseAcls(JSON.stringify(acls));
    t.is(parsed.ok && allows(parsed.value, principal, asked), want);
  });
}

const mistakes: Record<string, {text: string; want: RegExp}> = {
  'no JSON': {text: '{', want: /want a JSON object/},
  'a misspelt action': {text: '{"register_framework": []}', want: /^register_framework: there is no such action/},
  'an object of another action': {
    text: '{"register_frameworks": [{"principals": {"type": "ANY"}, "users": {"type": "ANY"}}]}',
    want: /^register_frameworks: want principals and roles/,
  },
  'no principals': {text: '{"run_tasks": [{"users": {"type": "ANY"}}]}', want: /^run_tasks: want principals and users/},
  'a strange type': {
    text: '{"run_tasks": [{"principals": {"type": "ALL"}, "users": {}}]}',
    want: /^run_tasks: want a list/,
  },
  'values of what is whole': {
    text: '{"drain_agents": [{"principals": {"type": "ANY"}, "agents": {"values": ["x"]}}]}',
    want: /^drain_agents: agents: want/,
  },
  'permissive in words': {text: '{"permissive": "no"}', want: /^permissive: want true or false/},
};
for (const [title, {text, want}] of Object.entries(mistakes)) {
  test(`refused: ${title}`, t => {
    const parsed = parseAcls(text);
    t.regex(parsed.ok ? 'read' : parsed.error, want);
  });
}
