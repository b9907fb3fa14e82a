import type { Endpoint } from '../kernel/endpoint.ts';
import { agentUpgradeEndpoints } from './agent-upgrades.ts';
import { alertChannelEndpoints } from './alert-channels.ts';
import { alertRuleEndpoints } from './alert-rules.ts';
import { alertEndpoints } from './alerts.ts';
import { apiKeyEndpoints } from './api-keys.ts';
import { canaryPlanEndpoints } from './canary-plans.ts';
import { commandEndpoints } from './commands.ts';
import { deviceEndpoints } from './devices.ts';
import { driftEndpoints } from './drift.ts';
import { enrollmentTokenEndpoints } from './enrollment-tokens.ts';
import { labelWebhookEndpoints } from './label-webhook.ts';
import { labelEndpoints } from './labels.ts';
import { modelEndpoints } from './models.ts';
import { organizationEndpoints } from './organization.ts';
import { registryCredentialEndpoints } from './registry-credentials.ts';
import { releaseEndpoints } from './releases.ts';
import { rolloutPlanEndpoints } from './rollout-plans.ts';
import { rolloutReasonEndpoints } from './rollout-reasons.ts';
import { rolloutEndpoints } from './rollouts.ts';
import { telemetryEndpoints } from './telemetry.ts';
import { telemetryExportEndpoints } from './telemetry-export.ts';

/** Every call of the REST API. */
export const endpoints: readonly Endpoint[] = [
  ...deviceEndpoints,
  ...commandEndpoints,
  ...agentUpgradeEndpoints,
  ...enrollmentTokenEndpoints,
  ...modelEndpoints,
  ...releaseEndpoints,
  ...rolloutEndpoints,
  ...rolloutReasonEndpoints,
  ...rolloutPlanEndpoints,
  ...canaryPlanEndpoints,
  ...telemetryEndpoints,
  ...telemetryExportEndpoints,
  ...driftEndpoints,
  ...labelEndpoints,
  ...labelWebhookEndpoints,
  ...alertEndpoints,
  ...alertRuleEndpoints,
  ...alertChannelEndpoints,
  ...apiKeyEndpoints,
  ...registryCredentialEndpoints,
  ...organizationEndpoints,
];
