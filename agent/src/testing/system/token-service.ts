import { generateKeyPairSync, randomUUID, webcrypto } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import 'reflect-metadata';
import * as x509 from '@peculiar/x509';
import { SignJWT } from 'jose';

const ISSUER = 'test';
const SERVICE = 'registry';
const TOKEN_LIFE_S = 120;

export type TokenService = Awaited<ReturnType<typeof startTokenService>>;

/** The token service of a registry (Docker Registry token authentication): tokens of two minutes for whoever knows the login. */
export async function startTokenService(login: { username: string; password: string }) {
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const jwk = privateKey.export({ format: 'jwk' });
  const { d: _, ...publicJwk } = jwk;
  const keys = {
    privateKey: await webcrypto.subtle.importKey('jwk', jwk, algorithm, true, ['sign']),
    publicKey: await webcrypto.subtle.importKey('jwk', publicJwk, algorithm, true, ['verify']),
  };
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: 'CN=Tokens',
    keys: keys as Parameters<typeof x509.X509CertificateGenerator.createSelfSigned>[0]['keys'],
    signingAlgorithm: algorithm,
    notBefore: new Date(Date.now() - 3_600_000),
    notAfter: new Date(Date.now() + 86_400_000),
    extensions: [new x509.BasicConstraintsExtension(true, 1, true)],
  });
  const given: string[] = [];
  const basic = `Basic ${Buffer.from(`${login.username}:${login.password}`).toString('base64')}`;
  const server = createServer((request, response) => {
    void answer(new URL(request.url ?? '', 'http://x'), request.headers.authorization).then((token) => {
      response.writeHead(token ? 200 : 401).end(JSON.stringify(token ? { token, expires_in: TOKEN_LIFE_S } : {}));
    });
  });
  async function answer(url: URL, authorization: string | undefined): Promise<string | null> {
    if (authorization !== basic) return null;
    const scopes = url.searchParams.getAll('scope').flatMap((scope) => scope.split(' '));
    given.push(...scopes);
    const access = scopes.map((scope) => {
      const [type, name, actions = ''] = scope.split(':');
      return { type, name, actions: actions.split(',') };
    });
    return await new SignJWT({ access, jti: randomUUID() })
      .setProtectedHeader({ alg: 'ES256', typ: 'JWT', x5c: [Buffer.from(certificate.rawData).toString('base64')] })
      .setIssuer(ISSUER)
      .setSubject(login.username)
      .setAudience(SERVICE)
      .setIssuedAt()
      .setNotBefore('-10s')
      .setExpirationTime(`${TOKEN_LIFE_S}s`)
      .sign(privateKey);
  }
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const realm = `http://127.0.0.1:${(server.address() as AddressInfo).port}/token`;
  return {
    realm,
    given,
    certificatePem: certificate.toString('pem'),
    /** The registry's configuration that trusts this service. */
    configuration: (bundle: string) =>
      `auth: {token: {realm: "${realm}", service: ${SERVICE}, issuer: ${ISSUER}, rootcertbundle: ${bundle}}}\n`,
    stop() {
      server.closeAllConnections();
      server.close();
    },
  };
}
