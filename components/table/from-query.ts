import { problemOf } from '../ui/problem.ts';
import type { Paging } from './table-foot.tsx';
import type { TableState } from './table-state.tsx';

type Loaded = { data: unknown; error: unknown; refetch: () => Promise<unknown> };
type Pages = { hasNextPage: boolean; isFetchingNextPage: boolean; fetchNextPage: () => Promise<unknown> };

/** What a list shows when nothing of it could be loaded; what was loaded before stays. `what`: "The devices". */
export function loadError({ data, error, refetch }: Loaded, what: string): TableState['error'] {
  if (!error || data !== undefined) return undefined;
  return {
    message: `${what} could not be loaded`,
    requestId: problemOf(error).requestId,
    onRetry: () => void refetch(),
  };
}

/** The foot of a list that goes on below. */
export function morePages({ hasNextPage, isFetchingNextPage, fetchNextPage }: Pages, total?: number): Paging {
  return {
    kind: 'more',
    ...(total !== undefined && { total }),
    onMore: hasNextPage ? () => void fetchNextPage() : undefined,
    isLoading: isFetchingNextPage,
  };
}
