import {explainKubeError, hasReason, isGone} from '../../../kube/kube-error.ts';
import {CONTROLLER_REVISIONS} from '../../../kube/kinds.ts';
import type {Logger} from '../../../kube/log.ts';
import type {KubeClient, KubeError} from '../../../kube/types.ts';
import {ok, type Result} from '../../../lib/result.ts';
import type {Outbox} from '../../runtime/outbox.ts';
import type {AppVersion} from '../core/apps/app-version.ts';
import {
  type ControllerRevision,
  revisionAnnotations,
  revisionName,
  revisionSelector,
  toRevision,
  type VersionOwner,
  versionOf,
} from '../core/apps/revision.ts';

/** Between two looks at how many versions an app has. */
const PRUNE_MS = 5000;

export type RevisionWriterOptions = {
  readonly client: KubeClient;
  readonly namespace: string;
  readonly outbox: Outbox;
  /** Versions that are kept of each app. */
  readonly most: number;
  readonly log: Logger;
};

/** Keeps each version of an app as a ControllerRevision, and forgets the oldest ones. */
export class RevisionWriter {
  readonly #options: RevisionWriterOptions;

  constructor(options: RevisionWriterOptions) {
    this.#options = options;
  }

  /** @param key under which the app itself is written: its status names a version only when that is kept */
  async keep(key: string, owner: VersionOwner, version: AppVersion): Promise<void> {
    const {outbox, log} = this.#options;
    const kept = await outbox.write(key, () => this.#create(owner, version));
    if (kept.kind === 'refused' || kept.kind === 'gone') {
      log.warn('a version is not kept', {app: owner.name, reason: explainKubeError(kept.error)});
    } else this.#pruneLater(owner);
  }

  async #create(owner: VersionOwner, version: AppVersion): Promise<Result<unknown, KubeError>> {
    const {client, namespace} = this.#options;
    const created = await client.create(CONTROLLER_REVISIONS, toRevision(owner, version, namespace));
    if (created.ok || !hasReason(created.error, 'AlreadyExists')) return created;
    const metadata = {annotations: revisionAnnotations(version)};
    return client.patch(CONTROLLER_REVISIONS, revisionName(owner, version.version), namespace, 'merge', {metadata});
  }

  #pruneLater(owner: VersionOwner): void {
    const {outbox} = this.#options;
    const key = `${CONTROLLER_REVISIONS.plural}/${owner.name}`;
    outbox.latest(key, 'prune', () => this.#prune(owner), {everyMs: PRUNE_MS});
  }

  async #prune(owner: VersionOwner): Promise<Result<unknown, KubeError>> {
    const {client, namespace, most} = this.#options;
    const labelSelector = revisionSelector(owner.name);
    const listed = await client.list<ControllerRevision>(CONTROLLER_REVISIONS, {namespace, labelSelector});
    if (!listed.ok) return listed;
    const own = listed.value.items.filter(revision => versionOf(revision, owner) !== undefined);
    const oldest = own.toSorted((a, b) => (b.revision ?? 0) - (a.revision ?? 0)).slice(most);
    for (const {metadata} of oldest) {
      const deleted = await client.delete(CONTROLLER_REVISIONS, metadata.name, namespace);
      if (!deleted.ok && !isGone(deleted.error)) return deleted;
    }
    return ok(undefined);
  }
}
