/** How soon a change is told: `now` where a way has ended, `soon` for a step on the way, `later` for how far a step is. */
export type Change = 'now' | 'soon' | 'later';
