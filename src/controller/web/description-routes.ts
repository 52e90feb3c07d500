import {helpText, openApi} from './describe.ts';
import {NO_BODY, type Route, type RouteEntry} from './route.ts';

export type DescriptionDoors = {
  readonly title: string;
  readonly version: string;
  readonly routes: readonly RouteEntry[];
};

const READ = {method: 'GET', permission: 'open', answeredBy: 'any', body: NO_BODY} as const;

/** The table of a port as text. */
export const HELP_ROUTE: Route<DescriptionDoors> = {
  ...READ,
  path: '/help',
  does: 'Lists everything that this port answers.',
  answers: ['text/plain', '*/*'],
  handle: ({response}, {title, routes}) => void response.type('text/plain').send(helpText(title, routes)),
};

/** The table of Marathon's port for programs. */
export const OPENAPI_ROUTE: Route<DescriptionDoors & Pick<Parameters<typeof openApi>[1], 'schemas'>> = {
  ...READ,
  path: '/v2/openapi.json',
  does: 'Describes everything that this port answers as OpenAPI 3.1.',
  handle: ({response}, {routes, ...options}) => void response.json(openApi(routes, options)),
};
