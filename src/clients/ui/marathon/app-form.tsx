import type {ComponentChildren} from 'preact';
import {fieldOf} from '../shared/api.ts';
import {at, type Definition, withField} from './definition.ts';

type Change = (definition: Definition) => void;
type Props = {
  readonly definition: Definition;
  readonly change: Change;
  readonly errors: Readonly<Record<string, string>>;
  readonly isNew: boolean;
};

export function AppForm(props: Props) {
  const {isNew} = props;
  return (
    <>
      <div class="form">
        <Text {...props} path="id" title="ID" readOnly={!isNew} />
        <Amount {...props} path="cpus" title="CPUs" />
        <Amount {...props} path="mem" title="Memory (MiB)" />
        <Amount {...props} path="disk" title="Disk space (MiB)" />
        <Amount {...props} path="gpus" title="GPUs" />
        <Amount {...props} path="instances" title="Instances" />
        <Text {...props} path="role" title="Role" />
        <Text {...props} path="user" title="User" />
        <div class="field-box full">
          <label class="field">
            <span>Command</span>
            <textarea
              rows={2}
              value={String(at(props.definition, 'cmd') ?? '')}
              onInput={event => props.change(withField(props.definition, 'cmd', event.currentTarget.value))}
            />
          </label>
          <Wrong text={props.errors['cmd']} />
        </div>
      </div>
      <Docker {...props} />
      <Section title="Ports">
        <Ports {...props} />
      </Section>
      <Section title="Environment Variables">
        <Pairs {...props} path="env" />
      </Section>
      <Section title="Labels">
        <Pairs {...props} path="labels" />
      </Section>
      <Section title="Health Checks">
        <HealthChecks {...props} />
      </Section>
      <Section title="Constraints">
        <Constraints {...props} />
      </Section>
      <p class="quiet">Volumes, secrets, upgrade strategy and everything else are in JSON Mode.</p>
    </>
  );
}

function Section({title, children}: {readonly title: string; readonly children: ComponentChildren}) {
  return (
    <details>
      <summary>{title}</summary>
      {children}
    </details>
  );
}

const Wrong = ({text}: {readonly text: string | undefined}) =>
  text === undefined ? null : (
    <span class="wrong" role="alert">
      {text}
    </span>
  );

type FieldProps = Props & {readonly path: string; readonly title: string};

function Text({definition, change, errors, path, title, readOnly = false}: FieldProps & {readonly readOnly?: boolean}) {
  return (
    <div class="field-box">
      <label class="field">
        <span>{title}</span>
        <input
          value={String(at(definition, path) ?? '')}
          readOnly={readOnly}
          onInput={event => change(withField(definition, path, event.currentTarget.value))}
        />
      </label>
      <Wrong text={errors[path]} />
    </div>
  );
}

function Amount({definition, change, errors, path, title}: FieldProps) {
  const value = at(definition, path);
  const typed = (number: number): void =>
    change(withField(definition, path, Number.isNaN(number) ? undefined : number));
  return (
    <div class="field-box">
      <label class="field">
        <span>{title}</span>
        <input
          type="number"
          step="any"
          min={0}
          value={typeof value === 'number' ? value : ''}
          onInput={event => typed(event.currentTarget.valueAsNumber)}
        />
      </label>
      <Wrong text={errors[path]} />
    </div>
  );
}

function Docker(props: Props) {
  const {definition, change} = props;
  const image = at(definition, 'container.docker.image');
  const set = (text: string): void => {
    if (text === '')
      return change(withField(withField(definition, 'container.docker', undefined), 'container.type', undefined));
    const typed =
      at(definition, 'container.type') === undefined ? withField(definition, 'container.type', 'DOCKER') : definition;
    change(withField(typed, 'container.docker.image', text));
  };
  const flag = (path: string, title: string) => (
    <label class="row">
      <input
        type="checkbox"
        style={{flex: 'none'}}
        checked={at(definition, path) === true}
        onChange={event => change(withField(definition, path, event.currentTarget.checked ? true : undefined))}
      />
      {title}
    </label>
  );
  return (
    <Section title="Docker Container">
      <div class="form">
        <div class="field-box">
          <label class="field">
            <span>Image</span>
            <input
              value={typeof image === 'string' ? image : ''}
              onInput={event => set(event.currentTarget.value.trim())}
            />
          </label>
          <Wrong text={props.errors['container.docker.image']} />
        </div>
        <label class="field">
          <span>Network</span>
          <select
            value={networkOf(definition)}
            onChange={event => change(withField(definition, 'networks', [{mode: event.currentTarget.value}]))}
          >
            <option value="host">Host</option>
            <option value="container/bridge">Bridged</option>
          </select>
        </label>
      </div>
      {typeof image === 'string' ? (
        <>
          {flag('container.docker.forcePullImage', 'Force pull image on every launch')}
          {flag('container.docker.privileged', 'Extend runtime privileges')}
        </>
      ) : null}
    </Section>
  );
}

function networkOf(definition: Definition): string {
  const networks = definition['networks'];
  return String((Array.isArray(networks) ? fieldOf(networks[0], 'mode') : undefined) ?? 'host');
}

const listAt = (definition: Definition, path: string): readonly Definition[] => {
  const list = at(definition, path);
  return Array.isArray(list) ? (list as Definition[]) : [];
};

/** Rows that can be added and removed. */
function Rows({
  definition,
  change,
  path,
  fresh,
  row,
  title,
}: Props & {
  readonly path: string;
  readonly title: string;
  readonly fresh: Definition;
  readonly row: (item: Definition, set: (item: Definition) => void) => ComponentChildren;
}) {
  const list = listAt(definition, path);
  const store = (next: readonly Definition[]): void =>
    change(withField(definition, path, next.length === 0 ? undefined : next));
  return (
    <>
      {list.map((item, index) => (
        <div class="row" key={index}>
          {row(item, next => store(list.with(index, next)))}
          <button
            type="button"
            class="small"
            aria-label={`Remove ${title} ${index + 1}`}
            onClick={() => store(list.toSpliced(index, 1))}
          >
            −
          </button>
        </div>
      ))}
      <button type="button" class="small" onClick={() => store([...list, fresh])}>
        + {title}
      </button>
    </>
  );
}

const Cell = ({
  title,
  value,
  set,
}: {
  readonly title: string;
  readonly value: unknown;
  readonly set: (text: string) => void;
}) => (
  <input
    aria-label={title}
    placeholder={title}
    value={String(value ?? '')}
    onInput={event => set(event.currentTarget.value)}
  />
);

const numberOr = (text: string): number | string => (/^\d+$/.test(text) ? Number(text) : text);

function Ports(props: Props) {
  const bridged = networkOf(props.definition) !== 'host';
  const field = bridged ? 'containerPort' : 'port';
  return (
    <Rows
      {...props}
      path={bridged ? 'container.portMappings' : 'portDefinitions'}
      title="Port"
      fresh={bridged ? {containerPort: 0, hostPort: 0, protocol: 'tcp'} : {port: 0, protocol: 'tcp'}}
      row={(item, set) => (
        <>
          <Cell
            title={bridged ? 'Container port' : 'Service port (0: any)'}
            value={item[field]}
            set={text => set({...item, [field]: numberOr(text)})}
          />
          <Cell title="Protocol" value={item['protocol']} set={text => set({...item, protocol: text})} />
          <Cell title="Name" value={item['name']} set={text => set(withField(item, 'name', text))} />
        </>
      )}
    />
  );
}

/** Keys with values of an object. Values that are no texts, as references to secrets, are edited in JSON. */
function Pairs({definition, change, errors, path}: Props & {readonly path: string}) {
  const object = at(definition, path);
  const pairs = typeof object === 'object' && object !== null ? Object.entries(object) : [];
  const store = (next: readonly (readonly [string, unknown])[]): void =>
    change(withField(definition, path, next.length === 0 ? undefined : Object.fromEntries(next)));
  return (
    <>
      {pairs.map(([key, value], index) => (
        <div class="row" key={index}>
          <Cell title="Key" value={key} set={text => store(pairs.with(index, [text, value]))} />
          {typeof value === 'string' ? (
            <Cell title="Value" value={value} set={text => store(pairs.with(index, [key, text]))} />
          ) : (
            <code>{JSON.stringify(value)}</code>
          )}
          <button
            type="button"
            class="small"
            aria-label={`Remove ${key}`}
            onClick={() => store(pairs.toSpliced(index, 1))}
          >
            −
          </button>
        </div>
      ))}
      <button
        type="button"
        class="small"
        disabled={pairs.some(([key]) => key === '')}
        onClick={() => store([...pairs, ['', '']])}
      >
        + Row
      </button>
      <Wrong text={errors[path]} />
    </>
  );
}

function HealthChecks(props: Props) {
  return (
    <Rows
      {...props}
      path="healthChecks"
      title="Health check"
      fresh={{
        protocol: 'HTTP',
        path: '/',
        gracePeriodSeconds: 300,
        intervalSeconds: 60,
        timeoutSeconds: 20,
        maxConsecutiveFailures: 3,
        portIndex: 0,
      }}
      row={(item, set) => (
        <>
          <select
            aria-label="Protocol"
            value={String(item['protocol'])}
            onChange={event => set(withProtocol(item, event.currentTarget.value))}
          >
            {['HTTP', 'TCP', 'COMMAND', 'MESOS_HTTP', 'MESOS_HTTPS', 'MESOS_TCP'].map(name => (
              <option key={name}>{name}</option>
            ))}
          </select>
          {item['protocol'] === 'COMMAND' ? (
            <Cell
              title="Command"
              value={fieldOf(item['command'], 'value')}
              set={text => set({...item, command: {value: text}})}
            />
          ) : (
            <Cell title="Path" value={item['path']} set={text => set(withField(item, 'path', text))} />
          )}
          {(
            ['gracePeriodSeconds', 'intervalSeconds', 'timeoutSeconds', 'maxConsecutiveFailures', 'portIndex'] as const
          ).map(name => (
            <Cell
              key={name}
              title={TITLES[name]}
              value={item[name]}
              set={text => set({...item, [name]: numberOr(text)})}
            />
          ))}
        </>
      )}
    />
  );
}

const TITLES = {
  gracePeriodSeconds: 'Grace period (s)',
  intervalSeconds: 'Interval (s)',
  timeoutSeconds: 'Timeout (s)',
  maxConsecutiveFailures: 'Failures in a row',
  portIndex: 'Port index',
} as const;

function withProtocol(item: Definition, protocol: string): Definition {
  const {command: _command, path: _path, portIndex: _index, ...rest} = item;
  if (protocol === 'COMMAND') return {...rest, protocol, command: {value: ''}};
  return protocol.endsWith('TCP') ? {...rest, protocol, portIndex: 0} : {...rest, protocol, path: '/', portIndex: 0};
}

function Constraints(props: Props) {
  return (
    <Rows
      {...props}
      path="constraints"
      title="Constraint"
      fresh={['hostname', 'UNIQUE'] as unknown as Definition}
      row={(item, set) => {
        const parts = Array.isArray(item) ? (item as string[]) : [];
        const part = (index: number, title: string) => (
          <Cell
            title={title}
            value={parts[index]}
            set={text =>
              set(
                trimmed(
                  Array.from({length: 3}, (_, i) => (i === index ? text : (parts[i] ?? ''))),
                ) as unknown as Definition,
              )
            }
          />
        );
        return (
          <>
            {part(0, 'Field')}
            {part(1, 'Operator')}
            {part(2, 'Value')}
          </>
        );
      }}
    />
  );
}

const trimmed = (parts: readonly string[]): readonly string[] => (parts.at(-1) === '' ? parts.slice(0, -1) : parts);
