import {Type} from 'typebox';
import {defineKind, type ObjectOf} from './kind.ts';
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

export const MARATHON_DEPLOYMENTS = defineKind({
  plural: 'marathondeployments',
  singular: 'marathondeployment',
  kind: 'MarathonDeployment',
  shortNames: ['mdeploy'],
  description:
    'A change of one or many apps under way. Marathon creates it, and removes it when the change is done; deleting it cancels the change: what runs stays as it is.',
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
