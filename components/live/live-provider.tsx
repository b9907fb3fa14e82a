'use client';

import { useQueryClient } from '@tanstack/react-query';
import { useSubscription } from '@trpc/tanstack-react-query';
import { createContext, type ReactNode, useContext, useEffect, useMemo, useRef, useState } from 'react';
import type { LiveMessage } from '@/server/api/live/hub.ts';
import { useTRPC } from '../trpc/client.ts';

/** Hints that come closer together than this cause one refetch. */
const GATHER_MS = 800;

type LiveState = { status: 'live' | 'reconnecting'; at: Date | null };

const LiveContext = createContext<LiveState>({ status: 'reconnecting', at: null });

/** Whether the page's data is live, and when the last word came. */
export function useLive(): LiveState {
  return useContext(LiveContext);
}

/** Which queries a hint makes old, by the routers of the tRPC API. */
const affected: Record<Extract<LiveMessage, { type: 'changed' }>['kind'], readonly string[]> = {
  device: ['devices', 'fleet', 'rollouts', 'agents'],
  event: ['devices'],
  telemetry: ['fleet', 'devices'],
  command: ['commands'],
  log: ['commands'],
  rollout: ['rollouts', 'fleet', 'devices'],
  model: ['models', 'monitoring'],
  release: ['models'],
  'enrollment-token': ['enrollment'],
  alert: ['alerts'],
};

/** One stream per tab: what changed is fetched again, at most about once a second. */
export function LiveProvider({ org, children }: { org: string; children: ReactNode }) {
  const trpc = useTRPC();
  const client = useQueryClient();
  const [at, setAt] = useState<Date | null>(null);
  const waiting = useRef(new Set<string>());
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);

  const flush = () => {
    timer.current = undefined;
    const routers = waiting.current;
    waiting.current = new Set();
    setAt(new Date());
    void client.invalidateQueries({
      predicate: ({ queryKey: [path] }) => Array.isArray(path) && (routers.has('*') || routers.has(String(path[0]))),
    });
  };
  const subscription = useSubscription(
    trpc.live.feed.subscriptionOptions(
      { org },
      {
        onData: ({ data }) => {
          for (const router of data.type === 'resync' ? ['*'] : affected[data.kind]) waiting.current.add(router);
          timer.current ??= setTimeout(flush, GATHER_MS);
        },
      },
    ),
  );
  const status = subscription.status === 'pending' ? 'live' : 'reconnecting';
  const state = useMemo<LiveState>(() => ({ status, at }), [status, at]);
  return <LiveContext value={state}>{children}</LiveContext>;
}
