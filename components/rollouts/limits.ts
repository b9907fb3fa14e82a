/** An action that moves more devices than this at once is typed to confirm. */
export const TYPED_ABOVE = 20;

/** Characters that a rollout's name may have. */
export const MAX_NAME = 120;
