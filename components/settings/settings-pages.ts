import { type Href, routes } from '../routes.ts';

/** The places of the settings; a new page is a new line. */
export function settingsPages(org: string): { label: string; href: Href }[] {
  const at = routes.org(org);
  return [
    { label: 'Organization', href: at.settings() },
    { label: 'Plan templates', href: at.planTemplates() },
    { label: 'Agents', href: at.agents() },
    { label: 'Registries', href: at.registries() },
    { label: 'Monitoring', href: at.monitoring() },
  ];
}
