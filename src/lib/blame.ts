/**
 * What a piece of work is done for: an object (`kind` and `name` as Kubernetes knows them) or a call. `version` changes
 * when the object's spec does, and when another object takes its name (uid and generation together); for a call it is
 * what the call says. Undefined when whoever names the subject does not know it.
 */
export type Subject = {readonly kind: string; readonly name: string; readonly version?: string};

/** A mistake of ours, and for whom the code ran that made it. `cause` is what was thrown. */
export class Blamed extends Error {
  readonly subject: Subject;

  constructor(subject: Subject, cause: unknown) {
    super(messageOf(cause), {cause});
    this.subject = subject;
  }
}

/**
 * Runs work that is done on behalf of one subject among many. A throw then names it; the innermost subject counts.
 *
 * @param subject undefined: nobody knows
 */
export function blame<T>(subject: Subject | undefined, work: () => T): T {
  try {
    return work();
  } catch (thrown) {
    throw thrown instanceof Blamed || subject === undefined ? thrown : new Blamed(subject, thrown);
  }
}

/** What was thrown, in words. */
export const messageOf = (thrown: unknown): string => (thrown instanceof Error ? thrown.message : String(thrown));
