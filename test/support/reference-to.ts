import type {ObjectReference} from '../../src/controller/runtime/events.ts';
import type {KubeObject} from '../../src/kube/types.ts';

/** An object, as an event names what it is about. */
export const referenceTo = ({apiVersion, kind, metadata: {name, namespace, uid}}: KubeObject): ObjectReference => ({
  apiVersion,
  kind,
  name,
  ...(namespace === undefined ? {} : {namespace}),
  ...(uid === undefined ? {} : {uid}),
});
