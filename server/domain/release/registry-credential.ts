import * as z from 'zod';
import { REGISTRY_PATTERN } from './image.ts';

/** The account by which devices are let into a registry of images. */
export const SetCredential = z.object({
  registry: z
    .string()
    .trim()
    .toLowerCase()
    .max(255)
    .regex(REGISTRY_PATTERN, 'Give the host, and the port if there is one, as images name it.'),
  username: z.string().min(1, 'A registry wants a user name.').max(500),
  password: z.string().min(1, 'A registry wants a password or a token.').max(8_000),
});
export type SetCredential = z.infer<typeof SetCredential>;
