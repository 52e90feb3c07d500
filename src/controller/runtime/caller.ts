/** Who a caller has shown to be. */
export type Identity = {
  /** Undefined: it has shown a token that names nobody, with claims alone. */
  readonly principal: string | undefined;
  /** What a token says of it, all as text. */
  readonly claims?: Readonly<Record<string, string>>;
  /** As Kubernetes knows them; the organizations of a certificate. */
  readonly groups?: readonly string[];
};

/** Who makes a call. */
export type Caller = {
  /** Undefined: the caller has not shown who it is, or its token names nobody. */
  readonly principal: string | undefined;
  readonly claims?: Identity['claims'];
  readonly groups?: Identity['groups'];
  readonly transport: 'http' | 'in-process';
  /** IP address of the other end; undefined in this process. */
  readonly address?: string | undefined;
};

/** It has shown a token that is good, and names nobody. */
export const hasOnlyClaims = ({principal, claims}: Caller): boolean => principal === undefined && claims !== undefined;

/** What a log says of a caller. */
export const logged = ({
  principal,
  transport,
  address,
}: Caller): Pick<Caller, 'principal' | 'transport' | 'address'> => ({
  principal,
  transport,
  address,
});
