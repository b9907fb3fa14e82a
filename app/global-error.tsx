'use client';

import '@/components/theme/tokens.css';
import './globals.css';

/** The root layout itself failed: no theme, no fonts, only our tokens. */
export default function GlobalError({ error }: { error: Error & { digest?: string } }) {
  return (
    <html lang="en">
      <body style={{ padding: 'var(--s-10)' }}>
        <h1>The console could not be shown</h1>
        <p>Reload the page. If it stays, look in the server&apos;s log{error.digest ? ` for ${error.digest}` : ''}.</p>
      </body>
    </html>
  );
}
