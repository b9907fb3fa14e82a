import { Icon } from '../ui/icon.tsx';
import classes from './form-failure.module.css';

/** Why a form was refused, above its button and read out at once. */
export function FormFailure({ sentence }: { sentence: string | null }) {
  if (sentence === null) return null;
  return (
    <p className={classes.failure} role="alert">
      <Icon name="warning" />
      <span>{sentence}</span>
    </p>
  );
}
