'use client';

import type { ReactNode } from 'react';
import { problemOf } from './problem.ts';
import { ErrorState, StaleNotice } from './states.tsx';

/** The part of a query's result that a view needs; TanStack Query's results have it. */
type QueryResult<T> = {
  data: T | undefined;
  error: unknown;
  isFetching: boolean;
  dataUpdatedAt: number;
  refetch: () => unknown;
};

type QueryViewProps<T> = {
  query: QueryResult<T>;
  /** What it fetches, for the failure: "The rollout". */
  what: string;
  /** The page's head while there is no data to make a better one of. */
  head?: ReactNode;
  /** The final shape of the view, while it loads for the first time. */
  skeleton: ReactNode;
  children: (data: T) => ReactNode;
};

/** A view's states around its data: skeleton, failure in its place, old data marked as old, data. */
export function QueryView<T>({ query, what, head, skeleton, children }: QueryViewProps<T>) {
  const { data, error, isFetching, dataUpdatedAt, refetch } = query;
  if (data === undefined && error) {
    const { sentence, requestId, isMissing } = problemOf(error);
    return (
      <>
        {head}
        <ErrorState
          message={isMissing ? `${what} does not exist` : `${what} could not be loaded`}
          advice={sentence}
          onRetry={() => void refetch()}
          isRetrying={isFetching}
          requestId={requestId}
        />
      </>
    );
  }
  if (data === undefined) {
    return (
      <>
        {head}
        {skeleton}
      </>
    );
  }
  return (
    <>
      {error !== null && <StaleNotice at={dataUpdatedAt} onRetry={() => void refetch()} />}
      {children(data)}
    </>
  );
}
