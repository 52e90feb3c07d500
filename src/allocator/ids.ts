/** Identifies one registration of an agent, e.g. `<master uuid>-S3`. */
export type AgentId = string & {readonly __brand: 'AgentId'};
/** Identifies a framework over all its sessions, e.g. `<master uuid>-0001`. */
export type FrameworkId = string & {readonly __brand: 'FrameworkId'};

/** Decodes an agent id; ids never mix afterwards. */
export const toAgentId = (text: string): AgentId => text as AgentId;
/** Decodes a framework id; ids never mix afterwards. */
export const toFrameworkId = (text: string): FrameworkId => text as FrameworkId;
