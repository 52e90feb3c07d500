import {Dialog} from '../shared/dialog.tsx';
import {useLive} from '../shared/live.ts';
import {Facts, Loaded} from '../shared/page.tsx';

type Info = {
  readonly version: string;
  readonly frameworkId?: string;
  readonly leader?: string;
  readonly marathon_config: Readonly<Record<string, unknown>>;
};

export function About({close}: {readonly close: () => void}) {
  const live = useLive<Info>('v2/info');
  return (
    <Dialog title="About Marathon" close={close} wide>
      <Loaded live={live}>
        {({version, frameworkId, leader, marathon_config: config}) => (
          <Facts
            rows={[
              ['Version', version],
              ['Framework id', frameworkId],
              ['Leader', leader],
              ...Object.entries(config).map(
                ([name, value]) => [name, typeof value === 'object' ? JSON.stringify(value) : String(value)] as const,
              ),
            ]}
          />
        )}
      </Loaded>
    </Dialog>
  );
}

export const SHORTCUTS = [
  ['c', 'New application'],
  ['shift c', 'New group'],
  ['s', 'Search'],
  ['g a', 'Applications'],
  ['g d', 'Deployments'],
  ['?', 'This help'],
  ['shift ,', 'About'],
  ['ctrl enter', 'Submit the form of an application'],
  ['esc', 'Close a dialog'],
] as const;

export function Help({close}: {readonly close: () => void}) {
  return (
    <Dialog title="Help" close={close}>
      <Facts rows={SHORTCUTS.map(([keys, does]) => [keys, does] as const)} />
      <p>
        <a href="../help">API reference</a>
      </p>
    </Dialog>
  );
}
