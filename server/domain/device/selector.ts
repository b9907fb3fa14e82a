import { AppError } from '../errors.ts';

/** One requirement of a Kubernetes label selector. Keys that start with `facts.` mean a device's facts. */
export type Requirement =
  | { key: string; op: 'in' | 'not-in'; values: string[] }
  | { key: string; op: 'exists' | 'not-exists' };

const KEY = '[A-Za-z0-9](?:[A-Za-z0-9_./-]{0,62})';
const VALUE = '[A-Za-z0-9](?:[A-Za-z0-9_.:+-]{0,62})';
const patterns: { shape: RegExp; read: (groups: string[]) => Requirement }[] = [
  {
    shape: new RegExp(`^(${KEY})\\s+in\\s+\\(([^()]*)\\)$`),
    read: ([key = '', values = '']) => ({ key, op: 'in', values: listOf(values) }),
  },
  {
    shape: new RegExp(`^(${KEY})\\s+notin\\s+\\(([^()]*)\\)$`),
    read: ([key = '', values = '']) => ({ key, op: 'not-in', values: listOf(values) }),
  },
  {
    shape: new RegExp(`^(${KEY})\\s*!=\\s*(${VALUE})$`),
    read: ([key = '', value = '']) => ({ key, op: 'not-in', values: [value] }),
  },
  {
    shape: new RegExp(`^(${KEY})\\s*==?\\s*(${VALUE})$`),
    read: ([key = '', value = '']) => ({ key, op: 'in', values: [value] }),
  },
  { shape: new RegExp(`^!\\s*(${KEY})$`), read: ([key = '']) => ({ key, op: 'not-exists' }) },
  { shape: new RegExp(`^(${KEY})$`), read: ([key = '']) => ({ key, op: 'exists' }) },
];

/** Requirements that one selector may have, and values that one may list. */
const MAX_REQUIREMENTS = 20;
const MAX_VALUES = 100;

/**
 * Reads `site=oslo,stage in (canary,prod),!retired`. An empty text selects every device.
 * @throws AppError `invalid` naming the part that is not understood.
 */
export function parseSelector(text: string): Requirement[] {
  const parts = splitOutsideBrackets(text).map((part) => part.trim());
  if (parts.length === 1 && parts[0] === '') return [];
  if (parts.length > MAX_REQUIREMENTS) throw invalid(`A selector has at most ${MAX_REQUIREMENTS} parts.`);
  return parts.map(parseRequirement);
}

function parseRequirement(part: string): Requirement {
  for (const { shape, read } of patterns) {
    const match = shape.exec(part);
    if (match) return read(match.slice(1));
  }
  throw invalid(
    `"${part.slice(0, 80)}" is not a label requirement. Write key=value, key!=value, key in (a,b), key notin (a,b), key, or !key.`,
  );
}

function listOf(text: string): string[] {
  const values = text.split(',').map((value) => value.trim());
  const isFine = values.length <= MAX_VALUES && values.every((value) => new RegExp(`^${VALUE}$`).test(value));
  if (!isFine) throw invalid(`"(${text.slice(0, 80)})" is not a list of up to ${MAX_VALUES} values.`);
  return values;
}

function splitOutsideBrackets(text: string): string[] {
  return text.split(/,(?![^(]*\))/);
}

function invalid(userMessage: string): AppError {
  return new AppError({
    code: 'invalid',
    reason: 'selector',
    userMessage,
    fields: [{ pointer: '/selector', message: userMessage }],
  });
}
