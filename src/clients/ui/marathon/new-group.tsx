import {useState} from 'preact/hooks';
import {call} from '../shared/api.ts';
import {Confirm} from '../shared/dialog.tsx';
import {go} from '../shared/route.ts';
import {groupHref} from './lines.ts';

export function NewGroup({parent, close}: {readonly parent: string; readonly close: () => void}) {
  const [name, setName] = useState('');
  const id = `${parent === '/' ? '' : parent}/${name}`;
  const create = async (): Promise<void> => {
    await call('POST', 'v2/groups', {id});
    go(groupHref(id));
  };
  return (
    <Confirm title="New Group" action="Create Group" perform={create} close={close}>
      <label class="field">
        <span>A path for the new group under {parent}</span>
        <input
          required
          pattern="[a-z0-9]([a-z0-9.\-]*[a-z0-9])?"
          title="Lower-case letters, digits, - and ."
          value={name}
          onInput={event => setName(event.currentTarget.value)}
          autofocus
        />
      </label>
    </Confirm>
  );
}
