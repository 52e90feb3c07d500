import {type Target, untilStatus} from './target.ts';

const GROUP = 'contract.mesos.dev';

const SPEC_SCHEMA = {
  type: 'object',
  required: ['replicas'],
  'x-kubernetes-validations': [
    {rule: 'self.replicas <= self.max', message: 'replicas must not exceed max'},
    {rule: '!has(oldSelf.color) || self.color == oldSelf.color', message: 'color is immutable'},
  ],
  properties: {
    replicas: {type: 'integer', minimum: 0, default: 1},
    max: {type: 'integer', default: 10},
    color: {type: 'string', enum: ['red', 'green']},
    note: {
      type: 'string',
      maxLength: 20,
      pattern: '^[a-z ]*$',
      'x-kubernetes-validations': [
        {rule: "self != 'bad'", message: 'note must not be bad'},
        {rule: "self != 'secret'", messageExpression: "'nobody writes ' + self", reason: 'FieldValueForbidden'},
      ],
    },
    ratio: {type: 'number', maximum: 1.5},
    free: {type: 'object', 'x-kubernetes-preserve-unknown-fields': true},
    parts: {
      type: 'array',
      maxItems: 10,
      'x-kubernetes-validations': [{rule: 'self.size() <= 2', message: 'two parts at most'}],
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['name'],
      items: {
        type: 'object',
        required: ['name'],
        properties: {name: {type: 'string'}, size: {type: 'integer', default: 3}},
      },
    },
  },
};

const STATUS_SCHEMA = {
  type: 'object',
  properties: {replicas: {type: 'integer'}, selector: {type: 'string'}, phase: {type: 'string'}},
};

const WIDGETS = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: {name: `widgets.${GROUP}`},
  spec: {
    group: GROUP,
    scope: 'Namespaced',
    names: {plural: 'widgets', kind: 'Widget', shortNames: ['wd'], categories: ['demo']},
    versions: [
      {
        name: 'v1',
        served: true,
        storage: true,
        subresources: {
          status: {},
          scale: {
            specReplicasPath: '.spec.replicas',
            statusReplicasPath: '.status.replicas',
            labelSelectorPath: '.status.selector',
          },
        },
        selectableFields: [{jsonPath: '.spec.color'}],
        additionalPrinterColumns: [
          {name: 'Replicas', type: 'integer', jsonPath: '.spec.replicas'},
          {name: 'Color', type: 'string', jsonPath: '.spec.color', priority: 1},
          {name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp'},
        ],
        schema: {
          openAPIV3Schema: {
            type: 'object',
            required: ['spec'],
            properties: {spec: SPEC_SCHEMA, status: STATUS_SCHEMA},
          },
        },
      },
    ],
  },
};

export const API_VERSION = `${GROUP}/v1`;

/** Collection of a namespace; or one widget in it. */
export const widgets = (namespace: string, name = ''): string =>
  `/apis/${API_VERSION}/namespaces/${namespace}/widgets${name === '' ? '' : `/${name}`}`;

export const widget = (name: string, spec: object = {replicas: 1}, metadata: object = {}): object => ({
  apiVersion: API_VERSION,
  kind: 'Widget',
  metadata: {name, ...metadata},
  spec,
});

/** Defines the kind and waits until it is served. */
export async function installWidgets(target: Target): Promise<void> {
  await target.call('POST', '/apis/apiextensions.k8s.io/v1/customresourcedefinitions', WIDGETS);
  await untilStatus(target, `/apis/${API_VERSION}/widgets`, 200);
}
