'use client';

import { createContext } from 'react';
import type { Marker } from './types.ts';

/** What a `ChartStack` decides for the charts in it: one axis, one set of flags, one "as table". */
export type Stack = {
  markers: readonly Marker[];
  isTable: boolean;
  onRangeChange: ((from: number, to: number) => void) | undefined;
};

/** Null for a chart that stands alone. */
export const StackContext = createContext<Stack | null>(null);
