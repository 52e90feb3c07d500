import {useState} from 'preact/hooks';
import {useLive} from '../shared/live.ts';
import {Facts, Loaded} from '../shared/page.tsx';
import {Ago} from '../shared/time.tsx';
import {EditApp} from './edit-app.tsx';
import {time} from './instances.tsx';
import {type App, appPath, definitionOf, diffLines} from './model.ts';

/** The definition that runs, and the ones before it: what changed, and the way back. */
export function Configuration({app}: {readonly app: App}) {
  const versions = useLive<{readonly versions: readonly string[]}>(`${appPath(app.id)}/versions`);
  return (
    <>
      <h2>
        Current version – <Ago ms={time(app.version)} />
      </h2>
      <Facts rows={factsOf(definitionOf(app))} />
      <h2>Older versions</h2>
      <Loaded live={versions}>
        {({versions: all}) => {
          const older = all
            .filter(version => version !== app.version)
            .sort()
            .reverse();
          return older.length === 0 ? (
            <p class="empty">There is no older version.</p>
          ) : (
            older.map(version => <Older key={version} app={app} version={version} />)
          );
        }}
      </Loaded>
    </>
  );
}

function Older({app, version}: {readonly app: App; readonly version: string}) {
  const [open, setOpen] = useState(false);
  return (
    <details onToggle={event => setOpen(event.currentTarget.open)}>
      <summary>
        {version} – <Ago ms={time(version)} />
      </summary>
      {open ? <Difference app={app} version={version} /> : null}
    </details>
  );
}

function Difference({app, version}: {readonly app: App; readonly version: string}) {
  const live = useLive<App>(`${appPath(app.id)}/versions/${encodeURIComponent(version)}`);
  const [editing, setEditing] = useState(false);
  return (
    <Loaded live={live}>
      {old => (
        <>
          <p class="quiet">What differs from the current version: + has come since, − has gone.</p>
          <pre class="diff">
            {diffLines(textOf(old), textOf(app)).map(({mark, text}, index) => (
              <div key={index} class={mark === '+' ? 'plus' : mark === '-' ? 'minus' : ''}>
                {mark} {text}
              </div>
            ))}
          </pre>
          <div class="tools">
            <button type="button" onClick={() => setEditing(true)}>
              Edit and apply this version
            </button>
          </div>
          {editing ? <EditApp app={app} start={definitionOf(old)} close={() => setEditing(false)} /> : null}
        </>
      )}
    </Loaded>
  );
}

const textOf = (app: App): string => JSON.stringify(definitionOf(app), sortedKeys(app), 2);

/** All names at any depth in one order, so that lines can be compared. */
function sortedKeys(value: unknown, names = new Set<string>()): string[] {
  if (typeof value === 'object' && value !== null)
    for (const [name, inner] of Object.entries(value)) {
      if (!Array.isArray(value)) names.add(name);
      sortedKeys(inner, names);
    }
  return [...names].sort();
}

const factsOf = (definition: Readonly<Record<string, unknown>>): (readonly [string, preact.ComponentChildren])[] =>
  Object.entries(definition)
    .filter(([, value]) => !isEmpty(value))
    .map(
      ([name, value]) =>
        [name, typeof value === 'object' ? <code>{JSON.stringify(value)}</code> : String(value)] as const,
    );

const isEmpty = (value: unknown): boolean =>
  value === '' || (typeof value === 'object' && value !== null && Object.keys(value).length === 0);
