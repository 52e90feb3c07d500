/** What a caller may be allowed to do. Every route needs one of these; the texts complete "A caller with it may …". */
export const PERMISSIONS = {
  open: 'do what everybody may: ask whether a process lives, and who leads',
  view: 'see agents, frameworks, roles, tasks, apps and deployments',
  'view-whole': 'see what is about all frameworks and roles together',
  'view-process': 'see flags, metrics and the journal of the allocator',
  'run-tasks': 'subscribe as a framework, take offers and run tasks',
  'change-apps': 'create, change, restart and delete apps and groups, and kill their tasks',
  'operate-agents': 'drain, deactivate and remove agents, and plan their maintenance',
  'change-reservations': 'reserve resources, and make and destroy volumes',
  'change-quota': 'set quotas and weights of roles',
  'end-frameworks': 'tear a framework down with all its tasks',
  'operate-masters': 'let the leader give up its place',
} as const satisfies Readonly<Record<string, string>>;

export type Permission = keyof typeof PERMISSIONS;
