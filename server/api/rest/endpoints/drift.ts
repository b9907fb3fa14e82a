import * as z from 'zod';
import type { DriftFinding } from '../../../db/drift.ts';
import { severities } from '../../../domain/drift/judge.ts';
import { LEARN_HOURS } from '../../../domain/drift/learn.ts';
import { driftKinds } from '../../../domain/drift/reference.ts';
import { ModelName, VersionName } from '../../../domain/names.ts';
import { AccuracyInput, accuracyView } from '../../../queries/accuracy.ts';
import { driftFindings, driftView } from '../../../queries/drift.ts';
import {
  ChangeMonitoring,
  changeMonitoring,
  monitoringSettings,
} from '../../../services/monitoring/change-settings.ts';
import { ResetReference, resetReference } from '../../../services/monitoring/reset-reference.ts';
import { endpoint } from '../kernel/endpoint.ts';
import { PageQuery, pageById, pageOf } from '../resources.ts';

const Time = z.iso.datetime();
const VersionPath = z.object({ model: ModelName, version: VersionName });
const Of = z.object({ deviceId: z.uuid().optional(), slot: z.string().max(32).optional() });
const Numbers = z.object({
  n: z.number(),
  likeness: z.number().meta({ description: 'Samples that stand for one that is independent of the others.' }),
  m: z.number().meta({ description: 'Samples of the reference.' }),
  psi: z.number(),
  psiThreshold: z.number(),
  jsDistance: z.number().meta({ description: 'Jensen–Shannon distance, base 2: 0 to 1.' }),
  effect: z.number().meta({ description: 'The distance net of what chance gives samples of this size.' }),
  chiSquared: z.number(),
  df: z.number(),
  p: z.number(),
  lInfinity: z.number(),
  isOff: z.boolean(),
});

const FindingResource = z
  .object({
    id: z.uuid(),
    versionId: z.uuid(),
    deviceId: z.uuid().nullable().meta({ description: 'Null: the whole fleet.' }),
    slot: z.string(),
    kind: z.enum(driftKinds),
    feature: z.string(),
    severity: z.enum(severities),
    effect: z.number(),
    since: Time,
    openedAt: Time,
    updatedAt: Time,
    closedAt: Time.nullable(),
    closedBy: z.enum(['over', 'reference']).nullable(),
    numbers: Numbers,
  })
  .meta({ id: 'DriftFinding' });

function findingResource({
  numbers: { counts: _, kind: __, name: ___, ...numbers },
  ...row
}: DriftFinding): z.input<typeof FindingResource> {
  return {
    ...row,
    numbers,
    since: row.since.toISOString(),
    openedAt: row.openedAt.toISOString(),
    updatedAt: row.updatedAt.toISOString(),
    closedAt: row.closedAt?.toISOString() ?? null,
  };
}

const Drift = z
  .object({
    reference: z
      .object({
        source: z.enum(['registered', 'samples', 'golden', 'learned']),
        samples: z.number(),
        learnedFrom: Time.nullable(),
        learnedAt: Time.nullable(),
        learning: z
          .object({ hours: z.number(), needHours: z.number(), samples: z.number(), needSamples: z.number() })
          .nullable(),
      })
      .nullable(),
    window: z.object({ from: Time, to: Time }).nullable().meta({ description: 'The last one judged.' }),
    gathering: z.object({ samples: z.number(), needed: z.number() }),
    features: z.array(
      z.object({
        kind: z.enum(driftKinds),
        name: z.string(),
        state: z.enum(['drifting', 'off', 'steady', 'few']),
        isLearned: z.boolean(),
        edges: z.array(z.number()).nullable(),
        referenceShares: z.array(z.number()).meta({ description: 'One a bin; what is missing comes last.' }),
        currentShares: z.array(z.number()).nullable(),
        numbers: Numbers.nullable(),
        since: Time.nullable(),
      }),
    ),
  })
  .meta({ id: 'Drift' });

const Share = z.number();
const Scores = z.array(
  z.object({
    index: z.int(),
    actual: z.number(),
    predicted: z.number(),
    precision: Share.nullable(),
    recall: Share.nullable(),
    f1: Share.nullable(),
  }),
);
const Band = z.object({ share: Share, low: Share, high: Share, n: z.number() });
const Accuracy = z
  .object({
    from: Time,
    to: Time,
    answers: z.number(),
    classes: z.array(z.string()).nullable(),
    accuracy: z
      .object({ share: Share, low: Share, high: Share, n: z.number(), isFew: z.boolean(), isWeighted: z.boolean() })
      .nullable()
      .meta({ description: 'Measured from labels, with Wilson’s interval at 95 %.' }),
    onDevice: z.object({ n: z.number(), correct: z.number() }),
    untold: z.enum(['sure', 'unsure']).nullable().meta({
      description:
        'Answers that were reported but are without labels, and too many for the labelled ones to speak for all.',
    }),
    late: z.object({ n: z.number(), correct: z.number(), reported: z.number(), coverage: Share.nullable() }),
    confusion: z
      .object({ classes: z.int(), counts: z.array(z.number()) })
      .nullable()
      .meta({ description: 'Row-major, actual × predicted.' }),
    classification: z
      .object({
        n: z.number(),
        correct: z.number(),
        accuracy: Share,
        macroF1: Share,
        weightedF1: Share,
        baseline: z.object({ index: z.int(), accuracy: Share }),
        perClass: Scores,
      })
      .nullable(),
    regression: z.object({ n: z.number(), mae: z.number(), rmse: z.number(), bias: z.number() }).nullable(),
    detection: z
      .object({
        truePositives: z.number(),
        falsePositives: z.number(),
        falseNegatives: z.number(),
        precision: Share.nullable(),
        recall: Share.nullable(),
        f1: Share.nullable(),
        perClass: Scores,
      })
      .nullable(),
    estimate: z.object({ n: z.number(), accuracy: Share, low: Share, high: Share, perClass: Scores }).nullable().meta({
      description: 'Without labels, from calibrated confidence (CBPE), with three standard errors on each side.',
    }),
    overTime: z
      .object({
        stepMs: z.int(),
        points: z.array(z.object({ at: Time, measured: Band.nullable(), estimated: Band.nullable() })),
      })
      .meta({ description: 'The same by steps of the range.' }),
  })
  .meta({ id: 'Accuracy' });

const Settings = z
  .object({
    predictionShare: z.number(),
    unsureBelow: z.number().nullable(),
    maxPerWindow: z.int(),
    keepMonitoringDays: z.int(),
    keepPredictionsDays: z.int(),
  })
  .meta({ id: 'MonitoringSettings' });

const DAY_MS = 86_400_000;

function rangeOf({ from, to }: { from?: string | undefined; to?: string | undefined }, now: Date) {
  const end = to === undefined ? now : new Date(to);
  return { from: from === undefined ? new Date(end.getTime() - DAY_MS) : new Date(from), to: end };
}

export const driftEndpoints = [
  endpoint({
    method: 'GET',
    path: '/models/{model}/versions/{version}/drift',
    operationId: 'getDrift',
    tag: 'Monitoring',
    permission: 'telemetry:read',
    status: 200,
    summary: 'Compare what a version sees and answers with its reference',
    description: 'Of the fleet, or of one device.',
    params: VersionPath,
    query: Of,
    response: Drift,
    handle: async ({ deps, actor, params, query }) => {
      const { reference, window, gathering, features } = await driftView(deps, actor, { ...params, ...query });
      const shown = reference && {
        source: reference.source,
        samples: reference.samples,
        learning: reference.learning,
        learnedFrom: reference.learnedFrom?.toISOString() ?? null,
        learnedAt: reference.learnedAt?.toISOString() ?? null,
      };
      return {
        status: 200,
        body: {
          reference: shown,
          gathering,
          window: window && { from: window.from.toISOString(), to: window.to.toISOString() },
          features: features.map(({ finding, ...each }) => ({ ...each, since: finding?.since.toISOString() ?? null })),
        },
      };
    },
  }),
  endpoint({
    method: 'GET',
    path: '/models/{model}/versions/{version}/accuracy',
    operationId: 'getAccuracy',
    tag: 'Monitoring',
    permission: 'telemetry:read',
    status: 200,
    summary: 'How right a version was: measured from labels, and estimated',
    description: 'By the hour of the answer, whenever its label came. Of the fleet, or of one device.',
    params: VersionPath,
    query: Of.extend({
      from: z.iso.datetime({ offset: true }).optional().meta({ description: 'Absent: a day before the end.' }),
      to: z.iso.datetime({ offset: true }).optional().meta({ description: 'Absent: now.' }),
    }),
    response: Accuracy,
    handle: async ({ deps, actor, params, query }) => {
      const {
        from,
        to,
        sampledShare: _,
        overTime: { stepMs, points },
        ...view
      } = await accuracyView(deps, actor, AccuracyInput.parse({ ...params, ...query, ...rangeOf(query, deps.now()) }));
      const overTime = { stepMs, points: points.map((point) => ({ ...point, at: point.at.toISOString() })) };
      return { status: 200, body: { ...view, overTime, from: from.toISOString(), to: to.toISOString() } };
    },
  }),
  endpoint({
    method: 'POST',
    path: '/models/{model}/versions/{version}/reference/reset',
    operationId: 'resetReference',
    tag: 'Monitoring',
    permission: 'models:write',
    status: 204,
    summary: 'Learn a version’s reference anew from now on',
    params: VersionPath,
    body: ResetReference.pick({ hours: true }).extend({ hours: ResetReference.shape.hours.default(LEARN_HOURS) }),
    handle: async ({ deps, actor, params, body }) => {
      await resetReference(deps, actor, { ...params, ...body });
      return { status: 204, body: undefined };
    },
  }),
  endpoint({
    method: 'GET',
    path: '/drift-findings',
    operationId: 'listDriftFindings',
    tag: 'Monitoring',
    permission: 'telemetry:read',
    status: 200,
    summary: 'List drift that was found, newest first',
    query: PageQuery.extend({ cursor: z.uuid().optional(), open: z.stringbool().optional() }),
    response: pageOf(FindingResource),
    handle: async ({ deps, actor, query: { limit, cursor, open } }) =>
      pageById(await driftFindings(deps, actor, { isOpen: open, cursor, limit }), limit, findingResource),
  }),
  endpoint({
    method: 'GET',
    path: '/monitoring-settings',
    operationId: 'getMonitoringSettings',
    tag: 'Monitoring',
    permission: 'settings:read',
    status: 200,
    summary: 'Which answers devices report one by one, and how long monitoring is kept',
    response: Settings,
    handle: async ({ deps, actor }) => ({ status: 200, body: await monitoringSettings(deps, actor) }),
  }),
  endpoint({
    method: 'PATCH',
    path: '/monitoring-settings',
    operationId: 'changeMonitoringSettings',
    tag: 'Monitoring',
    permission: 'settings:write',
    status: 200,
    summary: 'Change them; devices hear of it at once',
    body: ChangeMonitoring.meta({ id: 'ChangeMonitoringSettings' }),
    response: Settings,
    handle: async ({ deps, actor, body }) => ({ status: 200, body: await changeMonitoring(deps, actor, body) }),
  }),
];
