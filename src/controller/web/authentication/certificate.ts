import {ok} from '../../../lib/result.ts';
import type {Authenticator} from './authenticator.ts';

/** Certificates of clients, read as Kubernetes reads them: the common name is the principal, organizations are groups. */
export const certificateAuthenticator: Authenticator = {
  scheme: undefined,
  identify: ({certificate}) =>
    certificate === undefined
      ? undefined
      : Promise.resolve(ok({principal: certificate.commonName, groups: certificate.organizations})),
};
