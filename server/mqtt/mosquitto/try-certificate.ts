import { connect } from 'node:tls';
import type { TlsMaterial } from '../../pki/tls.ts';

const TIMEOUT_MS = 2_000;

/** How OpenSSL names the alert that a broker sends for a certificate on its revocation list. */
const REVOKED = 'ERR_SSL_SSL/TLS_ALERT_CERTIFICATE_REVOKED';
const REVOKED_OLD_NAME = 'ERR_SSL_SSLV3_ALERT_CERTIFICATE_REVOKED';

/**
 * Whether a broker lets this certificate in. TLS 1.2, where the handshake itself fails: in 1.3 the client has ended its part before the
 * broker looks. `unreachable` for everything that is neither.
 */
export function tryCertificate(url: string, tls: TlsMaterial): Promise<'accepted' | 'revoked' | 'unreachable'> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve) => {
    const socket = connect({ host: hostname, port: Number(port), ...tls, maxVersion: 'TLSv1.2', timeout: TIMEOUT_MS });
    const answer = (said: 'accepted' | 'revoked' | 'unreachable') => {
      resolve(said);
      socket.destroy();
    };
    socket.once('secureConnect', () => answer('accepted'));
    socket.once('timeout', () => answer('unreachable'));
    socket.on('error', (error: NodeJS.ErrnoException) =>
      answer(error.code === REVOKED || error.code === REVOKED_OLD_NAME ? 'revoked' : 'unreachable'),
    );
  });
}
