import * as z from 'zod';

/** A model's name: part of addresses and file names. */
export const ModelName = z
  .string()
  .regex(
    /^[a-z0-9](?:[a-z0-9._-]{0,62}[a-z0-9])?$/,
    'Use lower-case letters, digits, dots, dashes and underscores; start and end with a letter or digit.',
  );

/** A version's name, such as 1.4.0. */
export const VersionName = z
  .string()
  .regex(
    /^[A-Za-z0-9](?:[A-Za-z0-9._+-]{0,62}[A-Za-z0-9])?$/,
    'Use letters, digits, dots, dashes, plus and underscores; start and end with a letter or digit.',
  );
