import { v7 as uuidv7 } from 'uuid';
import { claimDefaults, insertAlertRule } from '../../db/alerts-rules.ts';
import type { Scope } from '../../db/scope.ts';
import { defaultRules } from '../../domain/alerts/defaults.ts';

/** Gives an organization the rules that everyone starts with, once in its life. */
export async function giveDefaultRules(scope: Scope, now: Date): Promise<void> {
  if (!(await claimDefaults(scope, now))) return;
  for (const { key, fields } of defaultRules)
    await insertAlertRule(scope, { id: uuidv7(), fields, defaultKey: key, createdById: null, now });
}
