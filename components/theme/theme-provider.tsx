'use client';

import { MantineProvider } from '@mantine/core';
import { Notifications } from '@mantine/notifications';
import { type ReactNode, useEffect, useState } from 'react';
import { cssVariables, theme } from './theme.ts';

declare global {
  /** Where the library that locks scrolling under a dialog looks for the nonce of its style element. */
  var __webpack_nonce__: string | undefined;
}

type ThemeProviderProps = {
  /** This response's CSP nonce; Mantine puts it on the style elements it writes. */
  nonce: string | undefined;
  children: ReactNode;
};

/** Tokens, Mantine and the place for notifications. The scheme is the system's until a person chooses. */
export function ThemeProvider({ nonce, children }: ThemeProviderProps) {
  // The document keeps the policy it came with: a later response's nonce would be refused.
  const [documentNonce] = useState(nonce);
  useEffect(() => {
    globalThis.__webpack_nonce__ = documentNonce;
  }, [documentNonce]);
  return (
    <MantineProvider
      theme={theme}
      cssVariablesResolver={cssVariables}
      defaultColorScheme="auto"
      getStyleNonce={() => documentNonce ?? ''}
    >
      <Notifications position="bottom-right" limit={3} transitionDuration={120} />
      {children}
    </MantineProvider>
  );
}
