/** A MicroTime as Leases want it: RFC 3339 with exactly six digits after the point. */
export const microTime = (epochMs: number): string => new Date(epochMs).toISOString().replace('Z', '000Z');
