'use client';

import type { ReactNode } from 'react';
import { SkeletonRows } from '../ui/skeleton.tsx';
import { ErrorState, NothingMatches } from '../ui/states.tsx';

/** What a list shows instead of rows. */
export type TableState = {
  /** First use: an `EmptyState` with the exact next step. */
  empty: ReactNode;
  /** Search or filters are on, and how to take them off. */
  isFiltered?: boolean;
  onClear?: () => void;
  error?: { message: string; advice?: string; requestId?: string | undefined; onRetry: () => void } | undefined;
};

type TableStateViewProps = { noun: string; columns: number; isLoading: boolean; state: TableState };

/** The one of a list's states that holds now. A failure wins over what it prevented. */
export function TableStateView({ noun, columns, isLoading, state }: TableStateViewProps) {
  if (state.error) return <ErrorState {...state.error} />;
  if (isLoading) return <SkeletonRows columns={columns} rows={10} />;
  if (state.isFiltered && state.onClear) return <NothingMatches what={noun} onClear={state.onClear} />;
  return state.empty;
}
