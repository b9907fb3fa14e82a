'use client';

import { createContext, type ReactNode, useContext, useState, useSyncExternalStore } from 'react';

/** The moment under the pointer, and the chart the pointer is in. */
export type Hover = { t: number; owner: string } | null;

/** Holds the hovered moment outside of React, so that a moving pointer renders crosshairs and nothing else. */
export type HoverStore = {
  get: () => Hover;
  set: (hover: Hover) => void;
  subscribe: (listener: () => void) => () => void;
};

function createHoverStore(): HoverStore {
  let hover: Hover = null;
  const listeners = new Set<() => void>();
  return {
    get: () => hover,
    set(next) {
      if (next?.t === hover?.t && next?.owner === hover?.owner) return;
      hover = next;
      for (const listener of listeners) listener();
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

const SyncContext = createContext<HoverStore | null>(null);

/** Charts inside share one crosshair; put it once around a page's charts. */
export function ChartSyncProvider({ children }: { children: ReactNode }) {
  const [store] = useState(createHoverStore);
  return <SyncContext value={store}>{children}</SyncContext>;
}

/** The page's hovered moment, or this chart's own where no page shares one. */
export function useHoverStore(): HoverStore {
  const [own] = useState(createHoverStore);
  return useContext(SyncContext) ?? own;
}

/** The hovered moment; renders again when it changes. */
export function useHover(store: HoverStore): Hover {
  return useSyncExternalStore(store.subscribe, store.get, () => null);
}
