import {useEffect, useState} from 'preact/hooks';
import {call, fieldOf} from '../shared/api.ts';
import type {Action} from './model.ts';

type Step = {readonly actions?: readonly Action[]};
type Route = '/v2/apps/{id}' | '/v2/groups/{id}';

let description: Promise<unknown> | undefined;

/** A server that does not know `dryRun` would do what it is asked: only one that describes the parameter is asked. */
async function takesDryRun(route: Route): Promise<boolean> {
  description ??= call<unknown>('GET', 'v2/openapi.json').catch(() => undefined);
  const parameters = fieldOf(fieldOf(fieldOf(fieldOf(await description, 'paths'), route), 'put'), 'parameters');
  return Array.isArray(parameters) && parameters.some(parameter => fieldOf(parameter, 'name') === 'dryRun');
}

/** What a change would do, as the server plans it; nothing where the server can't say. */
export function Plan({route, path, body}: {readonly route: Route; readonly path: string; readonly body: unknown}) {
  const [steps, setSteps] = useState<readonly Step[]>([]);
  const asked = JSON.stringify(body);
  useEffect(() => {
    let current = true;
    const timer = setTimeout(async () => {
      const found = await planOf(route, path, body).catch(() => []);
      if (current) setSteps(found);
    }, 250);
    return () => {
      current = false;
      clearTimeout(timer);
    };
  }, [path, asked]);
  if (steps.length === 0) return null;
  return (
    <>
      <p class="quiet">The plan:</p>
      <ol>
        {steps.map((step, index) => (
          <li key={index}>{(step.actions ?? []).map(actionText).join(', ')}</li>
        ))}
      </ol>
    </>
  );
}

async function planOf(route: Route, path: string, body: unknown): Promise<readonly Step[]> {
  if (!(await takesDryRun(route))) return [];
  const steps = fieldOf(await call<unknown>('PUT', `${path}?dryRun=true`, body), 'steps');
  return Array.isArray(steps) ? steps : [];
}

export const actionText = ({action, app, pod}: Action): string =>
  `${action.replaceAll(/([a-z])([A-Z])/g, '$1 $2')} ${app ?? pod ?? ''}`.trim();
