import * as z from 'zod';

/** Labels that one device may have. */
const MAX_LABELS = 64;

/** Selectors read keys that start with this as facts of the device. */
const FACTS_PREFIX = 'facts.';

/** A Kubernetes label key without a prefix. */
export const LabelKey = z
  .string()
  .max(63)
  .regex(
    /^[a-zA-Z0-9][-_.a-zA-Z0-9]*$/,
    'A label key has letters, digits, dashes, dots and underscores, and starts with a letter or digit.',
  )
  .refine(
    (key) => !key.startsWith(FACTS_PREFIX),
    'Keys that start with "facts." are a device\'s facts. Choose another key.',
  );

export const LabelValue = z
  .string()
  .max(63)
  .regex(
    /^(?:[a-zA-Z0-9][-_.a-zA-Z0-9]*)?$/,
    'A label value is empty, or has letters, digits, dashes, dots and underscores and starts with a letter or digit.',
  );

/** A device's labels, by key. */
export const Labels = z
  .record(LabelKey, LabelValue)
  .refine((labels) => Object.keys(labels).length <= MAX_LABELS, `At most ${MAX_LABELS} labels.`);
export type Labels = z.infer<typeof Labels>;
