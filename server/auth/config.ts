import type { AuthOptions, Session, User } from 'next-auth';
import type { CredentialsConfig } from 'next-auth/providers/credentials';
import { AppError, isAppError } from '../domain/errors.ts';
import { createLogger, type Logger } from '../platform/logger.ts';
import { findSession, type SignedInUser } from '../services/accounts/find-session.ts';
import { SESSION_LIFE_S } from '../services/accounts/session-life.ts';
import { SignIn, signIn } from '../services/accounts/sign-in.ts';
import { signOut } from '../services/accounts/sign-out.ts';
import type { Deps } from '../services/deps.ts';
import { clientAddress } from './client-address.ts';

export type AuthSetting = Pick<Deps, 'db' | 'now'> & {
  /** Signs and encrypts the cookie. */
  secret: string;
  /** The origin that browsers use; its scheme decides whether cookies are Secure. */
  url: string;
  logger?: Logger;
};

const SIGN_IN_PAGE = '/sign-in';

/**
 * Settings of next-auth. The cookie holds a JWT with nothing but the id of the session's row; the row is looked up at every use, so that
 * revoking it ends the session at once, everywhere.
 */
export function authOptions(setting: AuthSetting): AuthOptions {
  const { secret, url, logger = createLogger('auth') } = setting;
  const isSecure = url.startsWith('https://');
  // Between the two callbacks of one request: what the row said belongs to the answer, not into the cookie.
  const users = new WeakMap<object, SignedInUser>();
  return {
    secret,
    useSecureCookies: isSecure,
    cookies: { sessionToken: sessionCookie(isSecure) },
    session: { strategy: 'jwt', maxAge: SESSION_LIFE_S },
    pages: { signIn: SIGN_IN_PAGE, error: SIGN_IN_PAGE },
    providers: [passwordProvider(setting, logger)],
    callbacks: {
      jwt: async ({ token, user }) => {
        const sid = user ? user.id : token.sid;
        const found = typeof sid === 'string' ? await findSession(setting, sid) : null;
        if (!found) throw new Error('the session has ended');
        const next = { sid };
        users.set(next, found);
        return next;
      },
      session: ({ session, token }): Session => {
        const user = users.get(token);
        return user ? { expires: session.expires, user } : { expires: session.expires };
      },
    },
    events: {
      signOut: async ({ token }) => {
        if (typeof token?.sid === 'string') await signOut(setting, token.sid);
      },
    },
    logger: {
      // An ended session is an everyday event here, reported by a throw because next-auth knows no other way.
      error: (code, detail) =>
        code === 'JWT_SESSION_ERROR'
          ? logger.debug({ code }, 'a session has ended')
          : logger.error({ code, detail }, 'sign-in failed'),
      warn: (code) => logger.debug({ code }, 'next-auth warns'),
      debug: () => undefined,
    },
  };
}

/**
 * Written out instead of imported: next-auth's own maker is CommonJS, and comes as `{default}` or as a function depending on who loads it.
 * What it throws becomes the `error` of the client's `signIn()`: a sentence for the person.
 */
function passwordProvider(setting: AuthSetting, logger: Logger): CredentialsConfig {
  return {
    id: 'credentials',
    name: 'Password',
    type: 'credentials',
    credentials: {
      email: { label: 'E-mail', type: 'email' },
      password: { label: 'Password', type: 'password' },
    },
    authorize: async (credentials, request): Promise<User> => {
      try {
        const input = SignIn.safeParse(credentials);
        if (!input.success)
          throw new AppError({ code: 'invalid', userMessage: 'Give an e-mail address and a password.' });
        const headers = new Headers(stringsOf(request.headers ?? {}));
        const origin = { address: clientAddress(headers), userAgent: headers.get('user-agent') };
        return { id: (await signIn(setting, input.data, origin)).sessionId };
      } catch (error) {
        if (isAppError(error)) throw new Error(error.userMessage, { cause: error });
        logger.error({ err: error }, 'sign-in failed');
        throw new Error(
          'Signing in is not possible now. Try again in a minute; if it stays, look into the server log.',
        );
      }
    },
  };
}

/** `__Host-` ties the cookie to this very host over TLS; plain HTTP, which only local trials use, cannot have it. */
function sessionCookie(isSecure: boolean) {
  return {
    name: isSecure ? '__Host-flotilla.session' : 'flotilla.session',
    options: { httpOnly: true, sameSite: 'lax', path: '/', secure: isSecure },
  };
}

function stringsOf(headers: Record<string, unknown>): [string, string][] {
  return Object.entries(headers).filter((entry): entry is [string, string] => typeof entry[1] === 'string');
}
