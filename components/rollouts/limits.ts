/** An action that moves more devices than this at once is typed to confirm. */
export const TYPED_ABOVE = 20;
