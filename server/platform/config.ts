import * as z from 'zod';

/** Everything that a Flotilla server process is told by its environment. Nothing here has a secret default. */
const Variables = z.object({
  DATABASE_URL: z.url(),
  /** Folder with the CA, the signing key and the certificates of the broker and of server clients. Owner-only. */
  FLOTILLA_PKI_DIR: z.string().min(1),
  /** Folder of the content-addressed artifact store. */
  FLOTILLA_ARTIFACTS_DIR: z.string().min(1),
  /** Folder with the built agent: agent.mjs, runner.mjs, package/, install.sh beside it. */
  FLOTILLA_AGENT_DIR: z.string().min(1),
  /** How browsers and devices reach web, e.g. https://fleet.example. */
  FLOTILLA_URL: z.url(),
  /** How devices reach the broker: mqtts://host:port. */
  FLOTILLA_MQTT_URL: z.url(),
  /** How server processes reach the broker's inner listener. */
  FLOTILLA_MQTT_SERVER_URL: z.url(),
  /** Where a Mosquitto reads its certificates, ACL and revocation list, where the worker keeps one; the embedded broker needs none. */
  FLOTILLA_BROKER_DIR: z.string().min(1).optional(),
  /** How server processes reach the devices' listener of that Mosquitto, to try whether it refuses whom it should. */
  FLOTILLA_MQTT_DEVICE_URL: z.url().optional(),
  /** Signs session cookies. */
  FLOTILLA_SESSION_SECRET: z.string().min(32),
  /** Length of the telemetry windows that devices are asked for. */
  FLOTILLA_TELEMETRY_WINDOW_S: z.coerce.number().int().min(1).max(3600).default(15),
  /** Where the worker sends metrics as OpenTelemetry, e.g. http://collector:4318; to nowhere when it is not set. */
  OTEL_EXPORTER_OTLP_ENDPOINT: z
    .literal('')
    .or(z.url({ protocol: /^https?$/ }))
    .optional(),
  /** What is sent along, such as a key: name=value,name=value, with percent-encoded values. */
  OTEL_EXPORTER_OTLP_HEADERS: z.string().default(''),
  /** Whether e-mail and webhooks of alerts may go to private and loopback addresses; people of every organization choose where they go. */
  FLOTILLA_ALERTS_TO_PRIVATE_ADDRESSES: z.stringbool().default(false),
  FLOTILLA_LOG_LEVEL: z.enum(['debug', 'info', 'warn', 'error']).default('info'),
});
const Environment = Variables.refine(
  (env) => (env.FLOTILLA_BROKER_DIR === undefined) === (env.FLOTILLA_MQTT_DEVICE_URL === undefined),
  'FLOTILLA_BROKER_DIR and FLOTILLA_MQTT_DEVICE_URL belong together: set both, or none.',
);

/** An OpenTelemetry collector: `url` is the base of its OTLP/HTTP paths. */
export type OtlpTarget = { url: string; headers: Record<string, string> };

export type Config = {
  databaseUrl: string;
  pkiDir: string;
  artifactsDir: string;
  agentDir: string;
  url: string;
  mqttUrl: string;
  mqttServerUrl: string;
  /** Null with the embedded broker, which asks the database instead. */
  mosquitto: { dir: string; deviceUrl: string } | null;
  /** Null where metrics are not sent to an OpenTelemetry collector. */
  otlp: OtlpTarget | null;
  sessionSecret: string;
  telemetryWindowS: number;
  alertsToPrivateAddresses: boolean;
  logLevel: 'debug' | 'info' | 'warn' | 'error';
};

/** @throws Error naming each variable that is missing or wrong. */
export function readConfig(environment: Record<string, string | undefined>): Config {
  const parsed = Environment.safeParse(environment);
  if (!parsed.success) throw new Error(`The environment is not complete:\n${z.prettifyError(parsed.error)}`);
  const env = parsed.data;
  return {
    databaseUrl: env.DATABASE_URL,
    pkiDir: env.FLOTILLA_PKI_DIR,
    artifactsDir: env.FLOTILLA_ARTIFACTS_DIR,
    agentDir: env.FLOTILLA_AGENT_DIR,
    url: env.FLOTILLA_URL.replace(/\/$/, ''),
    mqttUrl: env.FLOTILLA_MQTT_URL,
    mqttServerUrl: env.FLOTILLA_MQTT_SERVER_URL,
    mosquitto:
      env.FLOTILLA_BROKER_DIR && env.FLOTILLA_MQTT_DEVICE_URL
        ? { dir: env.FLOTILLA_BROKER_DIR, deviceUrl: env.FLOTILLA_MQTT_DEVICE_URL }
        : null,
    otlp: env.OTEL_EXPORTER_OTLP_ENDPOINT
      ? {
          url: env.OTEL_EXPORTER_OTLP_ENDPOINT.replace(/\/$/, ''),
          headers: headersOf(env.OTEL_EXPORTER_OTLP_HEADERS),
        }
      : null,
    sessionSecret: env.FLOTILLA_SESSION_SECRET,
    telemetryWindowS: env.FLOTILLA_TELEMETRY_WINDOW_S,
    alertsToPrivateAddresses: env.FLOTILLA_ALERTS_TO_PRIVATE_ADDRESSES,
    logLevel: env.FLOTILLA_LOG_LEVEL,
  };
}

/** As OpenTelemetry's specification of exporters has it. @throws Error for what is no list of names and values. */
function headersOf(text: string): Record<string, string> {
  const pairs = text.split(',').filter((pair) => pair.trim() !== '');
  return Object.fromEntries(
    pairs.map((pair) => {
      const [name = '', ...value] = pair.split('=');
      if (!/^[\w-]+$/.test(name.trim()) || value.length === 0)
        throw new Error('OTEL_EXPORTER_OTLP_HEADERS must be name=value,name=value.');
      return [name.trim().toLowerCase(), decodeURIComponent(value.join('=').trim())];
    }),
  );
}
