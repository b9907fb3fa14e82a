'use client';

import { useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import { routes, withQuery } from '../routes.ts';

function isSignedOut(error: unknown): boolean {
  const data = typeof error === 'object' && error !== null && 'data' in error ? error.data : null;
  return typeof data === 'object' && data !== null && 'httpStatus' in data && data.httpStatus === 401;
}

/** A session that ended while the page was open leads to the sign-in page, and back here afterwards. */
export function useSignedOut() {
  const client = useQueryClient();
  useEffect(
    () =>
      client.getQueryCache().subscribe((event) => {
        if (event.type !== 'updated' || event.action.type !== 'error' || !isSignedOut(event.action.error)) return;
        const from = `${window.location.pathname}${window.location.search}`;
        window.location.assign(withQuery(routes.signIn(), { from }));
      }),
    [client],
  );
}
