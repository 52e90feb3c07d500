import {durationSchema} from './v1/resources.ts';
import {uriSchema} from './v1/container.ts';
import {list, message, optional, required, uint64} from './v1/schema.ts';
import type {Wire} from './v1/schema.ts';

/**
 * What the fetcher is told, as JSON in the environment: Mesos's MESOS_FETCHER_INFO without what only its own agent
 * knows, and with limits.
 */
export const fetcherInfoSchema = message({
  items: list(2, message({uri: required(1, uriSchema)})),
  /** A download that brings nothing for so long is begun anew. */
  stall_timeout: optional(5, durationSchema),
  /** Bytes: of each download, and of all that comes out of one archive. */
  max_size: optional(100, uint64),
});
export type FetcherInfo = Wire<typeof fetcherInfoSchema>;
