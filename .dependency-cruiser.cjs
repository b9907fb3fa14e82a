/** The dependency law. Every rule is an error; `server/testing/boundaries.ts` also fails when too few modules were seen. */
const error = 'error';
const rule = (name, comment, from, to) => ({ name, comment, severity: error, from, to });
const tests = '[.]test[.]tsx?$|/testing/|[.]setup[.]ts$';

module.exports = {
  forbidden: [
    rule(
      'no-cycles',
      'Two modules that need each other are one module.',
      {},
      { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    ),
    rule('resolvable', 'An import must lead somewhere.', {}, { couldNotResolve: true }),
    rule(
      'domain-is-pure',
      'Decisions know no database, network or clock.',
      { path: '^server/domain/', pathNot: '[.]test[.]ts$|/test-' },
      { pathNot: '^server/domain/|^agent/protocol/|^node_modules/zod/' },
    ),
    rule(
      'protocol-imports-only-zod',
      'The contract stands alone.',
      { path: '^agent/protocol/', pathNot: tests },
      { pathNot: '^agent/protocol/|^node_modules/zod/' },
    ),
    rule(
      'agent-knows-only-the-protocol',
      'A device carries nothing of the server.',
      { path: '^agent/(?!protocol/)' },
      { path: '^(app|components|server|prisma|e2e)/' },
    ),
    rule(
      'nobody-reaches-into-the-agent',
      'The agent is a closed tree.',
      { path: '^(app|components|server|prisma)/' },
      { path: '^agent/(?!protocol/)' },
    ),
    rule(
      'protocol-by-package-name',
      'The contract stays extractable.',
      { path: '^(app|components|server|agent/src)/' },
      { path: '^agent/protocol/', dependencyTypesNot: ['aliased-workspace', 'undetermined', 'type-only'] },
    ),
    rule('server-never-imports-ui', '', { path: '^server/' }, { path: '^(app|components)/' }),
    rule(
      'ui-imports-server-types-only',
      'But the pure domain.',
      { path: '^components/' },
      { path: '^server/(?!domain/)', dependencyTypesNot: ['type-only'] },
    ),
    rule('ui-never-imports-pages', '', { path: '^components/' }, { path: '^app/' }),
    rule('primitives-are-leaves', '', { path: '^components/ui/' }, { path: '^(app|server|components/(?!ui/|routes))' }),
    rule(
      'services-know-no-transport',
      '',
      { path: '^server/(services|queries)/' },
      { path: '^server/(api|mqtt|ingest|worker|main)/', pathNot: '^server/testing/' },
    ),
    rule(
      'db-knows-no-service',
      '',
      { path: '^server/db/' },
      { path: '^server/(services|queries|api|mqtt|ingest|worker|main)/' },
    ),
    rule(
      'only-db-knows-prisma',
      '',
      { path: '^(app|components|server|e2e|agent)/', pathNot: '^server/db/' },
      { path: '^server/db/generated/|^node_modules/@prisma/' },
    ),
    rule(
      'only-roots-compose',
      'Entry points import; nobody imports them, but the routes that need their dependencies.',
      { path: '^server/(domain|db|services|queries|pki|auth|artifacts|ingest|worker|mqtt|platform)/', pathNot: tests },
      { path: '^server/main/' },
    ),
    rule(
      'products-never-import-tests',
      '',
      { pathNot: `${tests}|^e2e/|^server/bench/|^agent/crash-matrix/|/test-` },
      { path: '[.]test[.]tsx?$|^server/testing/|^agent/src/testing/' },
    ),
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^[.]next/|^agent/dist/' },
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    combinedDependencies: true,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
      extensions: ['.ts', '.tsx', '.js', '.mjs', '.cjs', '.json', '.css'],
    },
  },
};
