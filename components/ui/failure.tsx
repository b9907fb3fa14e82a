import classes from './failure.module.css';
import { problemOf } from './problem.ts';

/** Why an action was refused, in the server's words, read out at once; nothing while it was not. */
export function Failure({ of: error }: { of: unknown }) {
  if (!error) return null;
  return (
    <p className={classes.failure} role="alert">
      {problemOf(error).sentence}
    </p>
  );
}
