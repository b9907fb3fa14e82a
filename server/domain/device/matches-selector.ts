import type { KnownFacts } from './facts.ts';
import type { Requirement } from './selector.ts';

const FACTS = 'facts.';

/** The fact that a requirement's key means; null for a label. */
export function factKey(key: string): string | null {
  return key.startsWith(FACTS) ? key.slice(FACTS.length) : null;
}

/** Does a selector hold a device with these labels and facts? The same answer as the database gives (`db/device-filter`). */
export function matchesSelector(
  requirements: readonly Requirement[],
  labels: Readonly<Record<string, string>>,
  facts: KnownFacts,
): boolean {
  return requirements.every((requirement) => isMet(requirement, labels, facts));
}

function isMet(requirement: Requirement, labels: Readonly<Record<string, string>>, facts: KnownFacts): boolean {
  const { key } = requirement;
  const fact = factKey(key);
  const value = fact === null ? labels[key] : factOf(facts, fact);
  switch (requirement.op) {
    case 'in':
      return value !== undefined && requirement.values.includes(value);
    case 'not-in':
      return value === undefined || !requirement.values.includes(value);
    case 'exists':
      return value !== undefined;
    case 'not-exists':
      return value === undefined;
  }
}

/** A fact as the text that Postgres makes of it. */
function factOf(facts: KnownFacts, key: string): string | undefined {
  const value = Object.entries(facts).find(([each]) => each === key)?.[1];
  if (value === undefined || value === null) return undefined;
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
