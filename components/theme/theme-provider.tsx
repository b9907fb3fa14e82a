'use client';

import { MantineProvider } from '@mantine/core';
import { Notifications } from '@mantine/notifications';
import type { ReactNode } from 'react';
import { cssVariables, theme } from './theme.ts';

type ThemeProviderProps = {
  /** This response's CSP nonce; Mantine puts it on the style elements it writes. */
  nonce: string | undefined;
  children: ReactNode;
};

/** Tokens, Mantine and the place for notifications. The scheme is the system's until a person chooses. */
export function ThemeProvider({ nonce, children }: ThemeProviderProps) {
  return (
    <MantineProvider
      theme={theme}
      cssVariablesResolver={cssVariables}
      defaultColorScheme="auto"
      getStyleNonce={() => nonce ?? ''}
    >
      <Notifications position="bottom-right" limit={3} transitionDuration={120} />
      {children}
    </MantineProvider>
  );
}
