import {sha256Hex} from '../../../../lib/sha256.ts';
import type {FrameworkId} from '../ids.ts';

const DNS_NAME = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;

/** The object's name: the framework's id, or a hash of it when Kubernetes does not take the id for a name. */
export function frameworkObjectName(id: FrameworkId): string {
  return id.length <= 253 && DNS_NAME.test(id) ? id : `framework-${sha256Hex(id).slice(0, 32)}`;
}
