import {useState} from 'preact/hooks';
import {ApiError, call, fieldOf} from '../shared/api.ts';
import {Dialog, Problem} from '../shared/dialog.tsx';
import {touch} from '../shared/live.ts';
import {href} from '../shared/place.ts';
import {go} from '../shared/route.ts';
import {AppForm} from './app-form.tsx';
import {checkDefinition, type Problems, problemsOf} from './app-problems.ts';
import type {Definition} from './definition.ts';
import {type App, appPath, changedFields, definitionOf} from './model.ts';

const FRESH = {cpus: 1, mem: 128, instances: 1};

type Props = {
  readonly app?: App;
  /** What to begin with instead of the app as it is, as an older version. */
  readonly start?: Readonly<Record<string, unknown>>;
  readonly group?: string;
  readonly close: () => void;
};

/** Creates an app, or changes the one given. Form and JSON show the same definition: neither loses what the other wrote. */
export function EditApp(props: Props) {
  const {app, close} = props;
  const draft = useDraft(props);
  const {problems, busy, locked, submit} = useSubmit(props, draft.definition);
  const shortcut = (event: KeyboardEvent): void => {
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) void submit(event);
  };
  const action = app === undefined ? 'Create Application' : 'Change and deploy configuration';
  return (
    <Dialog title={app === undefined ? 'New Application' : 'Edit Application'} close={close} wide>
      <form onSubmit={submit} onKeyDown={shortcut} noValidate>
        <label class="row">
          <input
            type="checkbox"
            checked={draft.text !== undefined}
            disabled={draft.definition === undefined}
            onChange={draft.switchMode}
            style={{flex: 'none'}}
          />
          JSON Mode
        </label>
        <Problem text={problemText(problems, draft.text !== undefined)} />
        <Fields draft={draft} problems={problems} isNew={app === undefined} />
        <footer>
          <button type="button" onClick={close}>
            Cancel
          </button>
          <button type="submit" class="primary" disabled={busy || draft.definition === undefined}>
            {locked ? 'Stop the deployment and change' : action}
          </button>
        </footer>
      </form>
    </Dialog>
  );
}

type Draft = ReturnType<typeof useDraft>;

/** What the person has written so far, as a definition or, in JSON mode, as a text. */
function useDraft({app, start, group = '/'}: Props) {
  const [written, change] = useState<Definition>(() =>
    app === undefined ? {id: group === '/' ? '/' : `${group}/`, ...FRESH} : definitionOf(start ?? app),
  );
  const [text, setText] = useState<string>();
  /** undefined: the text is no definition. */
  const definition = text === undefined ? written : parse(text);
  const switchMode = (): void => {
    if (text === undefined) return setText(JSON.stringify(written, undefined, 2));
    if (definition !== undefined) change(definition);
    setText(undefined);
  };
  return {definition, change, text, setText, switchMode};
}

const NO_PROBLEMS: Problems = {general: [], fields: {}};
const LOCKED: Problems = {general: ['A deployment holds this app. Press again to stop it and go on.'], fields: {}};

function useSubmit({app, close}: Props, definition: Definition | undefined) {
  const [problems, setProblems] = useState<Problems>(NO_PROBLEMS);
  const [locked, setLocked] = useState(false);
  const [busy, setBusy] = useState(false);
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    if (definition === undefined) return;
    const wrong = checkDefinition(definition);
    setProblems(wrong);
    if (Object.keys(wrong.fields).length > 0) return;
    setBusy(true);
    try {
      await send(app, definition, locked);
      touch();
      close();
      go(href(['apps', String(definition['id'])]));
    } catch (error) {
      setBusy(false);
      setLocked(isLocked(error));
      setProblems(isLocked(error) ? LOCKED : problemsOf(error));
    }
  };
  return {problems, busy, locked, submit};
}

const isLocked = (error: unknown): boolean =>
  error instanceof ApiError && error.status === 409 && Array.isArray(fieldOf(error.body, 'deployments'));

function Fields({
  draft: {definition, change, text, setText},
  problems,
  isNew,
}: {
  readonly draft: Draft;
  readonly problems: Problems;
  readonly isNew: boolean;
}) {
  if (text === undefined && definition !== undefined)
    return <AppForm definition={definition} change={change} errors={problems.fields} isNew={isNew} />;
  return (
    <label class="field">
      <span>Definition in JSON</span>
      <textarea class="code" spellcheck={false} value={text} onInput={event => setText(event.currentTarget.value)} />
      {definition === undefined ? <span class="wrong">Invalid JSON: want one object</span> : null}
    </label>
  );
}

/** What is wrong in general; in JSON mode there are no fields at which the rest could stand. */
function problemText({general, fields}: Problems, withFields: boolean): string | undefined {
  const texts = [...general, ...(withFields ? Object.entries(fields).map(([path, text]) => `${path}: ${text}`) : [])];
  return texts.length === 0
    ? undefined
    : ['There was a problem with your configuration.', ...new Set(texts)].join('\n');
}

function parse(text: string): Definition | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Definition) : undefined;
  } catch {
    return undefined;
  }
}

/** Of an app that is there only what differs is sent, so that what others changed meanwhile stays. */
async function send(app: App | undefined, definition: Definition, force: boolean): Promise<void> {
  if (app === undefined) return void (await call('POST', 'v2/apps', definition));
  const now = definitionOf(app);
  // A field that is left out stays as it is, unless the definition is replaced as a whole.
  const removes = Object.keys(now).some(name => !(name in definition));
  const query = new URLSearchParams({...(force ? {force: 'true'} : {}), ...(removes ? {partialUpdate: 'false'} : {})});
  await call('PUT', `${appPath(app.id)}?${query}`, removes ? definition : changedFields(definition, now));
}
