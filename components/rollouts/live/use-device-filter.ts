'use client';

import { parseAsInteger, parseAsString, parseAsStringLiteral, useQueryStates } from 'nuqs';
import { deviceKinds } from '@/server/domain/rollout/device-kinds.ts';
import { type WhyCode, whySentences } from '@/server/domain/rollout/why-sentences.ts';

const codes = Object.keys(whySentences) as WhyCode[];

const parsers = {
  kind: parseAsStringLiteral(deviceKinds),
  why: parseAsStringLiteral(codes),
  /** The wave as people count: the first is 1. */
  in: parseAsInteger,
  q: parseAsString.withDefault(''),
};

/** Which devices the list of a rollout shows, kept in the address: a link shares it. */
export function useDeviceFilter() {
  const [filter, setFilter] = useQueryStates(parsers, { history: 'replace' });
  return {
    filter,
    isFiltered: filter.kind !== null || filter.why !== null || filter.in !== null || filter.q !== '',
    setFilter,
    clear: () => void setFilter(null),
  };
}
