// One reason per rule; a rule in the way is changed by a decision record (docs/decisions), not by a suppression.
const PURE =
  '^src/((lib|api|crds|allocator|simulator|what-if|controller/(mesos|marathon)/core|controller/mesos/pods)/|controller/mesos/outbox/statuses/[^/]+/decide[.]ts)';
/** Packages that are themselves pure: the schema library, the hash behind pod names, regular expressions in linear time. */
const PURE_PACKAGES = 'node_modules/(typebox|@noble/hashes|re2js)/';
const only = (name, from, allowed, why) => ({
  name,
  severity: 'error',
  comment: why,
  from: {path: `^src/${from}/`},
  to: {path: '^src/', pathNot: `^src/(${allowed})(/|[.]ts$)`},
});

export default {
  forbidden: [
    {
      name: 'no-cycles',
      severity: 'error',
      comment: 'A cycle has no inside; a cycle of types is one that the next change makes real.',
      from: {},
      to: {circular: true},
    },
    {
      name: 'pure-stays-pure',
      severity: 'error',
      comment: 'Pure code is tested without a world around it.',
      from: {path: PURE},
      to: {pathNot: `${PURE}|${PURE_PACKAGES}`, dependencyTypesNot: ['type-only']},
    },
    only('lib-alone', 'lib', 'lib', 'No domain words in lib.'),
    only('allocator-alone', 'allocator', 'allocator|lib', 'The allocator knows neither wire nor Kubernetes.'),
    only(
      'simulator-alone',
      'simulator',
      'simulator|allocator|api|crds|lib|controller/(marathon|mesos)/core',
      'Simulated and real clusters share their cores, and nothing else.',
    ),
    only(
      'what-if-alone',
      'what-if',
      'what-if|allocator|api|crds|lib|controller/(marathon|mesos)/core',
      'Questions to a copy of a live allocator are answered by the cores, and by nothing else.',
    ),
    {
      name: 'no-simulator-in-the-controller',
      severity: 'error',
      comment: 'What decides for real asks no simulation; a route alone asks what would happen.',
      from: {path: '^src/controller/', pathNot: '^src/controller/what-if/'},
      to: {path: '^src/(simulator|what-if)/'},
    },
    only('api-alone', 'api', 'api|lib', 'Wire formats are shared by everybody, so they depend on nobody.'),
    only('crds-alone', 'crds', 'crds|api|lib|kube/types', 'Kinds are data.'),
    only('kube-alone', 'kube', 'kube|lib', 'A Kubernetes client knows no kind of ours.'),
    only('shim-alone', 'executor-shim', 'executor-shim|api|crds|kube|lib', 'It ships in user pods and on every node.'),
    only(
      'agent-api-alone',
      'agent-api',
      'agent-api|allocator|api|crds|kube|lib|controller/(web|access|runtime|mesos/(pods|http|calls|objects|core))',
      'An agent answers in the words of the master, by the same table of routes; it knows no state of the master.',
    ),
    only(
      'standalone-alone',
      'standalone',
      'standalone|crds|kube|lib',
      'The embedded API server and node know Kubernetes, not Mesos.',
    ),
    only('clients-alone', 'clients', 'clients|api|lib', 'Clients use public APIs only.'),
    {
      name: 'controller-never-imports-standalone',
      severity: 'error',
      comment: 'The controller meets every Kubernetes through the same client.',
      from: {path: '^src/controller/'},
      to: {path: '^src/(standalone|clients|executor-shim)/'},
    },
    {
      name: 'marathon-is-a-framework',
      severity: 'error',
      comment: 'Marathon gets exactly what a foreign framework gets: api/mesos.',
      from: {path: '^src/controller/marathon/'},
      to: {path: '^src/(allocator|controller/mesos)/'},
    },
    {
      name: 'mesos-knows-no-framework',
      severity: 'error',
      comment: 'The master serves every framework alike.',
      from: {path: '^src/controller/mesos/'},
      to: {path: '^src/controller/marathon/'},
    },
    {
      name: 'web-knows-no-api',
      severity: 'error',
      comment: 'What is the same for every route knows no route; the table alone joins the rows of both APIs.',
      from: {path: '^src/controller/web/', pathNot: '^src/controller/web/(build-web|route-table)[.]ts$'},
      to: {path: '^src/controller/(mesos|marathon|what-if)/'},
    },
    {
      name: 'inbox-writes-nothing',
      severity: 'error',
      comment: 'Facts come in by the inbox: it tells the owner, and writes, answers and shows nothing.',
      from: {path: '^src/controller/(mesos|marathon)/inbox/'},
      to: {path: '^src/controller/(mesos|marathon)/(outbox|calls|views|http)/'},
    },
    {
      name: 'calls-have-no-other-door',
      severity: 'error',
      comment: 'A call becomes a command or reads a view; what is seen and what is written is not its business.',
      from: {path: '^src/controller/(mesos|marathon)/calls/'},
      to: {path: '^src/controller/(mesos|marathon)/(inbox|outbox|http)/'},
    },
    {
      name: 'views-only-read',
      severity: 'error',
      comment: 'What people see is made of the state alone, whichever door it came by.',
      from: {path: '^src/controller/(mesos|marathon)/(views|objects)/'},
      to: {path: '^src/controller/(mesos|marathon)/(inbox|outbox|calls|http)/'},
    },
    {
      name: 'doors-know-no-http',
      severity: 'error',
      comment: 'HTTP is one of several callers.',
      from: {path: '^src/controller/(mesos|marathon)/(inbox|outbox|calls|allocation)/'},
      to: {path: '^src/controller/(mesos|marathon)/http/'},
    },
    {
      name: 'src-never-imports-test',
      severity: 'error',
      comment: 'Tests are not shipped.',
      from: {path: '^src/'},
      to: {path: '^test/'},
    },
    {name: 'resolvable', severity: 'error', comment: 'A typo is not a module.', from: {}, to: {couldNotResolve: true}},
    {
      name: 'no-dev-packages-in-src',
      severity: 'error',
      comment: 'What ships depends on dependencies only.',
      from: {path: '^src/'},
      to: {dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only']},
    },
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: {fileName: 'tsconfig.json'},
    doNotFollow: {path: 'node_modules'},
    enhancedResolveOptions: {exportsFields: ['exports'], conditionNames: ['import', 'node', 'default', 'types']},
  },
};
