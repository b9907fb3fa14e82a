import * as z from 'zod';
import { LabelKey } from '../device/labels.ts';
import { AlertCondition } from './condition.ts';

export const severities = ['critical', 'attention', 'notice'] as const;
export type Severity = (typeof severities)[number];

/** What a subject without enough data counts as: good, bad, or whatever it was. */
export const noDataModes = ['ok', 'alert', 'keep'] as const;
export type NoDataMode = (typeof noDataModes)[number];

const MAX_DURATION_S = 7 * 86_400;
const Duration = z.int().min(0).max(MAX_DURATION_S);

/** Channels that one rule may name. */
const MAX_CHANNELS = 50;

export const AlertRuleFields = z.object({
  name: z.string().trim().min(1, 'A rule needs a name.').max(100),
  isEnabled: z.boolean().default(true),
  severity: z.enum(severities).default('attention'),
  condition: AlertCondition,
  /** How long it must be bad before it fires. Seconds. */
  pendingS: Duration.default(0),
  /** How long it must be good again before it clears. Seconds. */
  clearS: Duration.default(0),
  noData: z.enum(noDataModes).default('ok'),
  /** One alert for each value of this label; null for one alert of the whole rule. */
  groupLabel: LabelKey.nullable().default(null),
  /** Who is told; null for every channel. */
  channelIds: z.array(z.uuid()).max(MAX_CHANNELS).nullable().default(null),
  /** The webhook that is asked for new training, with the evidence. */
  retrainChannelId: z.uuid().nullable().default(null),
});
export type AlertRuleFields = z.infer<typeof AlertRuleFields>;

export type AlertRule = AlertRuleFields & {
  id: string;
  /** Which of the rules that every organization starts with it is; null for one that a person made. */
  defaultKey: string | null;
  createdAt: Date;
  updatedAt: Date;
  evaluatedAt: Date | null;
};
