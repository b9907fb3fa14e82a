import { Gauge, Registry } from 'prom-client';
import type { FleetMetrics } from '../../queries/fleet-metrics.ts';

export const CONTENT_TYPE = Registry.PROMETHEUS_CONTENT_TYPE;

/** Prometheus' text format, version 0.0.4. Units are base units, as its naming rules ask: seconds, bytes, joules, ratios. */
export async function exposition(metrics: FleetMetrics): Promise<string> {
  const registry = new Registry();
  const gauge = <L extends string>(name: string, help: string, labelNames: L[] = []) =>
    new Gauge({ name: `flotilla_${name}`, help, labelNames, registers: [registry] });

  const devices = gauge('devices', 'Devices by axis of their status and its value', ['axis', 'value']);
  for (const [axis, counts] of Object.entries(metrics.devices))
    for (const [value, count] of Object.entries(counts)) devices.set({ axis, value }, count);
  const rollouts = gauge('open_rollouts', 'Rollouts that are not over, by state', ['state']);
  for (const [state, count] of Object.entries(metrics.openRollouts)) rollouts.set({ state }, count);

  const labels = ['model', 'version'] as const;
  const rate = gauge('inferences_per_second', 'Inferences of the last five whole minutes', [...labels]);
  const latency = gauge('latency_seconds', 'Latency inside the runtime, from merged sketches', [...labels, 'quantile']);
  const errors = gauge('error_ratio', 'Share of inferences that failed', [...labels]);
  const accuracy = gauge('accuracy_ratio', 'Share of labelled answers that were right', [...labels]);
  const energy = gauge('inference_energy_joules', 'Energy per inference', [...labels, 'source']);
  for (const { model, version, ...values } of metrics.versions) {
    const of = { model, version };
    rate.set(of, values.inferencesPerS);
    for (const [quantile, seconds] of Object.entries(values.latencyS))
      if (seconds !== null) latency.set({ ...of, quantile }, seconds);
    if (values.errorRatio !== null) errors.set(of, values.errorRatio);
    if (values.accuracyRatio !== null) accuracy.set(of, values.accuracyRatio);
    if (values.energyJ !== null) energy.set({ ...of, source: values.energySource }, values.energyJ);
  }

  gauge('unpublished_desired_states', 'Desired states that wait for the broker').set(metrics.unpublished);
  gauge('refused_messages', 'Messages of devices that were refused, ever').set(metrics.refusedMessages);
  gauge('dropped_windows', 'Telemetry windows that devices dropped because their spool was full').set(
    metrics.droppedWindows,
  );
  return await registry.metrics();
}
