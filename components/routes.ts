declare const checked: unique symbol;

/** A path that a builder below made. It is a string for `next/link` and Mantine, and no other string is one. */
export type Href = string & { readonly [checked]: true };

function href(...segments: string[]): Href {
  return `/${segments.map(encodeURIComponent).join('/')}` as Href;
}

function orgRoutes(org: string) {
  return {
    overview: () => href(org),
    devices: () => href(org, 'devices'),
    device: (id: string) => href(org, 'devices', id),
    /** A download, not a page. */
    commandArchive: (device: string, command: string) =>
      href('api', 'console', org, 'devices', device, 'commands', command, 'archive'),
    models: () => href(org, 'models'),
    model: (model: string) => href(org, 'models', model),
    version: (model: string, version: string) => href(org, 'models', model, version),
    rollouts: () => href(org, 'rollouts'),
    newRollout: () => href(org, 'rollouts', 'new'),
    rollout: (id: string) => href(org, 'rollouts', id),
    telemetry: () => href(org, 'telemetry'),
    enrollment: () => href(org, 'enrollment'),
    settings: () => href(org, 'settings'),
    planTemplates: () => href(org, 'settings', 'plan-templates'),
    agents: () => href(org, 'settings', 'agents'),
    registries: () => href(org, 'settings', 'registries'),
    monitoring: () => href(org, 'settings', 'monitoring'),
    alerts: () => href(org, 'alerts'),
    alert: (id: string) => href(org, 'alerts', id),
    alertRules: () => href(org, 'alerts', 'rules'),
    newAlertRule: () => href(org, 'alerts', 'rules', 'new'),
    alertRule: (id: string) => href(org, 'alerts', 'rules', id),
    alertChannels: () => href(org, 'alerts', 'channels'),
    alertMutes: () => href(org, 'alerts', 'mutes'),
  };
}

/** Every address of the console; the only place with path strings. */
export const routes = {
  signIn: () => href('sign-in'),
  setup: () => href('setup'),
  org: orgRoutes,
};

/** The pages of one organization. */
export type OrgRoutes = ReturnType<typeof orgRoutes>;

/** The same address with search parameters; empty ones are left out, lists repeat as the table's URL state reads them. */
export function withQuery(path: Href, query: Readonly<Record<string, string | readonly string[] | undefined>>): Href {
  const search = new URLSearchParams();
  for (const [key, value] of Object.entries(query)) {
    const text = typeof value === 'string' ? value : value?.join(',');
    if (text) search.set(key, text);
  }
  return (search.size > 0 ? `${path}?${search}` : path) as Href;
}
