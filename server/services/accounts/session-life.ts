/** A sign-in lasts this long after its last use. */
export const SESSION_LIFE_MS = 30 * 24 * 3_600_000;

export const SESSION_LIFE_S = SESSION_LIFE_MS / 1000;
