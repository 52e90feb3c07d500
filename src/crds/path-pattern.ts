const SEGMENT = '([a-z0-9]|[a-z0-9][a-z0-9-]*[a-z0-9])([.]([a-z0-9]|[a-z0-9][a-z0-9-]*[a-z0-9]))*';

/** An absolute path of an app or a group, without the root. */
export const PATH_PATTERN = `^(/${SEGMENT})+$`;
