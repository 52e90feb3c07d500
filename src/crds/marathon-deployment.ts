import {Type} from 'typebox';
import {defineKind, type ObjectOf} from './kind.ts';
import type {MarathonAppSpec} from './marathon-app.ts';
import type {MarathonGroupSpec} from './marathon-group.ts';
import {boundedList, boundedText, text, time, word} from './schema.ts';

const action = Type.Object({
  action: word(['StartApplication', 'StopApplication', 'ScaleApplication', 'RestartApplication'], {
    description: 'What is done. StartApplication is bookkeeping: the scaling in a later step does the work.',
  }),
  app: boundedText('keyLength', {description: 'The app’s id.'}),
});

const progress = Type.Object({
  app: text({description: 'The app’s id.'}),
  done: Type.Boolean({description: 'The action is over; once over it stays so.'}),
  growing: Type.Boolean({description: 'More instances are wanted than there were.'}),
  killNow: Type.Optional(
    Type.Integer({minimum: 0, description: 'Old instances that go before a new one is healthy; of a restart.'}),
  ),
  max: Type.Optional(Type.Integer({minimum: 0, description: 'Never more instances at a time; of a restart.'})),
  killed: Type.Optional(Type.Integer({minimum: 0, description: 'Old instances that went so far; of a restart.'})),
  credited: Type.Optional(
    Type.Array(text(), {description: 'New instances that were healthy once: each lets one old instance go.'}),
  ),
});

const anySpec = <T>(description: string) =>
  Type.Optional(Type.Unsafe<T>({type: 'object', 'x-kubernetes-preserve-unknown-fields': true, description}));

const before = Type.Object(
  {
    apps: boundedList(
      Type.Object({
        app: boundedText('keyLength', {description: 'The app’s id.'}),
        restartedAt: Type.Optional(boundedText('keyLength', {description: 'The restart request that was there.'})),
        spec: anySpec<MarathonAppSpec>('Its definition; absent: the app was not there.'),
      }),
      'appsInChange',
      {description: 'The apps that it changes, as they were.'},
    ),
    groups: boundedList(
      Type.Object({
        group: boundedText('keyLength', {description: 'The group’s id.'}),
        spec: anySpec<MarathonGroupSpec>('What was said of it; absent: nothing.'),
      }),
      'appsInChange',
      {description: 'The groups that it changes, as they were.'},
    ),
  },
  {description: 'What was there, to go back to. Absent where it is too much for one object, or nobody knows.'},
);

export const MARATHON_DEPLOYMENTS = defineKind({
  plural: 'marathondeployments',
  singular: 'marathondeployment',
  kind: 'MarathonDeployment',
  shortNames: ['mdeploy'],
  description:
    'A change of one or many apps under way. Marathon creates it, and removes it when the change is done; deleting it takes the change back. With `--cascade=orphan` the change only ends: definitions stay, and so does what runs.',
  columns: [
    {name: 'Apps', type: 'string', jsonPath: '.spec.apps'},
    {name: 'Step', type: 'string', jsonPath: '.status.step'},
    {name: 'Doing', type: 'string', jsonPath: '.status.doing', description: 'The actions of the current step.'},
    {name: 'Done', type: 'string', jsonPath: '.status.done', description: 'Of the actions of the current step.'},
    {name: 'Version', type: 'string', jsonPath: '.spec.version', priority: 1},
    {name: 'Started', type: 'date', jsonPath: '.spec.startedAt'},
  ],
  spec: Type.Object({
    version: time({description: 'The version that the change gives to its apps.'}),
    startedAt: time({description: 'When the deployment began.'}),
    apps: boundedList(boundedText('keyLength'), 'appsInChange', {
      description: 'Ids of the apps that the deployment locks.',
    }),
    steps: boundedList(
      Type.Object({actions: boundedList(action, 'appsInChange', {description: 'Done side by side.'})}),
      'appsInChange',
      {description: 'Done one after the other.'},
    ),
    before: Type.Optional(before),
  }),
  status: Type.Object({
    step: Type.Optional(text({description: 'The current step and how many there are: `2 of 5`.'})),
    doing: Type.Optional(text({description: 'The actions of the current step.'})),
    done: Type.Optional(text({description: 'Actions of the current step that are over: `1 of 3`.'})),
    currentStep: Type.Optional(Type.Integer({minimum: 1, description: 'Counted from 1.'})),
    progress: Type.Optional(Type.Array(progress, {description: 'Of the actions that have begun.'})),
  }),
});

export type MarathonDeployment = ObjectOf<typeof MARATHON_DEPLOYMENTS>;
