import classes from './logo.module.css';

/** Our mark: two sails over a hull, one sail in the accent. */
export function Logo({ size = 20 }: { size?: number }) {
  return (
    <svg className={classes.logo} width={size} height={size} viewBox="0 0 20 20" aria-hidden="true">
      <path d="M8.6 3v9.5H2.3z" />
      <path className={classes.sail} d="M10.4 1.5 17.7 12.5h-7.3z" />
      <path d="M1.8 14.5h16.4l-2.6 3.6H4.4z" />
    </svg>
  );
}
