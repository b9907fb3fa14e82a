export const tokenStates = ['active', 'used-up', 'expired', 'revoked'] as const;
export type TokenState = (typeof tokenStates)[number];

export type TokenLimits = { uses: number; maxUses: number; expiresAt: Date; revokedAt: Date | null };

/** What an enrollment token is good for at `now`. What a person did weighs more than time, and time more than use. */
export function tokenState(token: TokenLimits, now: Date): TokenState {
  if (token.revokedAt !== null) return 'revoked';
  if (token.expiresAt.getTime() <= now.getTime()) return 'expired';
  return token.uses >= token.maxUses ? 'used-up' : 'active';
}
