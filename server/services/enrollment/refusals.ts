import type { TokenState } from '../../domain/device/token-state.ts';
import { AppError } from '../../domain/errors.ts';

/** Every way to be turned away at enrollment. Each is read by a technician in front of a device: what happened, and what to do. */
export function unknownToken(): AppError {
  return new AppError({
    code: 'unauthenticated',
    reason: 'token_unknown',
    userMessage: 'This enrollment token is not known here. Copy the whole install command from the console again.',
  });
}

export function unusableToken(
  state: Exclude<TokenState, 'active'>,
  token: { maxUses: number; expiresAt: Date },
): AppError {
  switch (state) {
    case 'used-up': {
      const devices = token.maxUses === 1 ? 'the one device' : `the ${token.maxUses} devices`;
      return refusal(
        'token_used_up',
        `This enrollment token has enrolled ${devices} it was made for. Make a new token in the console.`,
      );
    }
    case 'expired':
      return refusal(
        'token_expired',
        `This enrollment token expired at ${token.expiresAt.toISOString()}. Make a new token in the console.`,
      );
    case 'revoked':
      return refusal('token_revoked', 'This enrollment token was revoked. Ask for a new one.');
  }
}

export function foreignToken(): AppError {
  return refusal(
    'token_foreign',
    "This device's key is enrolled in another organization. Use a token of that organization, or delete the device's key and state so that it makes a new one.",
  );
}

export function decommissionedDevice(): AppError {
  return refusal(
    'device_decommissioned',
    "This device was decommissioned, and its key is not accepted again. To use the machine again, delete the device's key and state so that it enrolls as a new device.",
  );
}

export function revokedDevice(): AppError {
  return refusal(
    'device_revoked',
    "This device's certificates were revoked. To let it in again, make a new enrollment token in the console and enroll it with that.",
  );
}

function refusal(reason: string, userMessage: string): AppError {
  return new AppError({ code: 'forbidden', reason, userMessage });
}
