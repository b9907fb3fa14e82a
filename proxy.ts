import { type NextRequest, NextResponse } from 'next/server';

const isDev = process.env.NODE_ENV === 'development';

/**
 * The content security policy of one response. Scripts need this response's nonce; `style=` attributes stay open because
 * server-rendered Mantine writes them. The development server evaluates code and injects styles without a nonce.
 */
function contentSecurityPolicy(nonce: string): string {
  const script = isDev ? ` 'unsafe-eval'` : '';
  const style = isDev ? `'unsafe-inline'` : `'nonce-${nonce}'`;
  return [
    `default-src 'self'`,
    `script-src 'self' 'nonce-${nonce}' 'strict-dynamic'${script}`,
    `style-src 'self' ${style}`,
    `style-src-attr 'unsafe-inline'`,
    `img-src 'self' data: blob:`,
    `font-src 'self'`,
    `connect-src 'self'`,
    `object-src 'none'`,
    `base-uri 'none'`,
    `form-action 'self'`,
    `frame-ancestors 'none'`,
  ].join('; ');
}

/** Gives every page a nonce and its security headers. It decides nothing about who may see what. */
export function proxy(request: NextRequest): NextResponse {
  const nonce = Buffer.from(crypto.getRandomValues(new Uint8Array(16))).toString('base64');
  const policy = contentSecurityPolicy(nonce);
  const headers = new Headers(request.headers);
  headers.set('x-nonce', nonce);
  headers.set('x-path', request.nextUrl.pathname + request.nextUrl.search); // Where to come back to after signing in.
  headers.set('content-security-policy', policy); // Next reads the nonce for its own scripts from here.
  const response = NextResponse.next({ request: { headers } });
  response.headers.set('content-security-policy', policy);
  response.headers.set('x-content-type-options', 'nosniff');
  response.headers.set('referrer-policy', 'strict-origin-when-cross-origin');
  return response;
}

// API routes set their own headers, and a body that passes through here is cut at 10 MB: uploads must stay outside.
export const config = {
  matcher: [
    {
      source: '/((?!api/|_next/static/|_next/image|icon.svg).*)',
      missing: [
        { type: 'header', key: 'next-router-prefetch' },
        { type: 'header', key: 'purpose', value: 'prefetch' },
      ],
    },
  ],
};
