import type { ContainerRuntime, Release, ReleaseCompanion } from '@flotilla/protocol';

const MIB = 1024 * 1024;

/** Where the model repository is mounted, in Triton's layout. */
export const MODEL_MOUNT = '/models';
export const DEFAULT_PORT = 8000;

/** Threads and processes of one container; a fork bomb ends here. */
const PIDS_LIMIT = 512;

/** Scratch room in memory; the root is read-only. It counts towards the memory limit. */
const TMPFS_OPTIONS = 'rw,noexec,nosuid,nodev,size=64m';

/** Logs are the engine's, on its disk: twice a mebibyte a container. */
const LOG_CONFIG = { Type: 'json-file', Config: { 'max-size': '1m', 'max-file': '2' } };

/** Whoever an image says is root becomes this, unless the release asks for root by number. */
const UNPRIVILEGED = '65532:65532';

/** A container of ours, by which leftovers are found: whose agent, what for. */
export const LABELS = {
  device: 'flotilla.device',
  slot: 'flotilla.slot',
  release: 'flotilla.release',
  role: 'flotilla.role',
} as const;

export type SpecContext = {
  deviceId: string;
  slot: string;
  release: Release;
  network: string;
  /** The engine's id of the image that was checked; never a name that somebody could move. */
  imageId: string;
  imageUser: string | undefined;
};

/** The body of `POST /containers/create` for what serves the model. `repositoryDir` is mounted read-only. */
export function runnerSpec(context: SpecContext, runtime: ContainerRuntime, repositoryDir: string) {
  const { port = DEFAULT_PORT } = runtime;
  const exposed = `${port}/tcp`;
  const base = containerSpec(context, runtime, 'runner', { ...aboutModel(context), FLOTILLA_PORT: String(port) });
  return {
    ...base,
    ExposedPorts: { [exposed]: {} },
    HostConfig: {
      ...base.HostConfig,
      PortBindings: { [exposed]: [{ HostIp: '127.0.0.1', HostPort: '' }] },
      Mounts: modelMount(repositoryDir),
    },
  };
}

/** The same for a companion: no port, and no model unless it serves it. It is told where the model of its own release is asked. */
export function companionSpec(context: SpecContext, companion: ReleaseCompanion, port: number, repositoryDir: string) {
  const given = {
    FLOTILLA_RUNNER_URL: `http://${aliasOf('runner', context.release)}:${port}`,
    FLOTILLA_MODEL_NAME: context.release.model.name,
  };
  if (!companion.backend) return containerSpec(context, companion, companion.name, given);
  const base = containerSpec(context, companion, companion.name, { ...aboutModel(context), ...given });
  return { ...base, HostConfig: { ...base.HostConfig, Mounts: modelMount(repositoryDir) } };
}

function aboutModel({ release: { model, settings } }: SpecContext): Record<string, string> {
  return {
    FLOTILLA_MODEL_NAME: model.name,
    FLOTILLA_MODEL_VERSION: model.version,
    FLOTILLA_SETTINGS: JSON.stringify(settings),
    ORT_DISABLE_TELEMETRY: '1',
  };
}

function modelMount(repositoryDir: string) {
  return [{ Type: 'bind', Source: repositoryDir, Target: MODEL_MOUNT, ReadOnly: true }];
}

/** Where each companion of a release is reached, by a variable of its name: `camera-1` in `FLOTILLA_COMPANION_CAMERA_1`. */
function companionHosts(release: Release): Record<string, string> {
  const companions = release.runtime.kind === 'container' ? (release.runtime.companions ?? []) : [];
  const nameOf = (name: string) => `FLOTILLA_COMPANION_${name.toUpperCase().replace(/[^A-Z0-9]/g, '_')}`;
  return Object.fromEntries(companions.map(({ name }) => [nameOf(name), aliasOf(name, release)]));
}

/** A host name on the slot's network, on which two releases meet while one follows the other. */
function aliasOf(role: string, { id }: Release): string {
  return `${role}-${id}`;
}

type Limits = Pick<ContainerRuntime, 'args' | 'memoryMb' | 'cpus' | 'devices' | 'env' | 'user'>;

function containerSpec(context: SpecContext, limits: Limits, role: string, given: Record<string, string>) {
  const { deviceId, slot, release, network, imageId, imageUser } = context;
  const memory = limits.memoryMb * MIB;
  const { nodes, requests } = splitDevices(limits.devices ?? []);
  const variables: Record<string, string> = { ...companionHosts(release), ...given };
  /** `$(NAME)` in what a release says is the value of a variable that the agent gives, as in Kubernetes; other names stay as they are. */
  const expand = (text: string) => text.replace(/\$\((\w+)\)/g, (whole, name: string) => variables[name] ?? whole);
  const own = Object.entries(limits.env ?? {}).map(([name, value]) => [name, expand(value)]);
  return {
    Image: imageId,
    User: limits.user ?? (isRoot(imageUser) ? UNPRIVILEGED : imageUser),
    Env: Object.entries({ ...variables, ...Object.fromEntries(own) }).map(([name, value]) => `${name}=${value}`),
    ...(limits.args && { Cmd: limits.args.map(expand) }),
    Labels: {
      [LABELS.device]: deviceId,
      [LABELS.slot]: slot,
      [LABELS.release]: release.id,
      [LABELS.role]: role,
    },
    HostConfig: {
      ReadonlyRootfs: true,
      CapDrop: ['ALL'],
      SecurityOpt: ['no-new-privileges'],
      Memory: memory,
      MemorySwap: memory,
      NanoCpus: Math.round(limits.cpus * 1e9),
      PidsLimit: PIDS_LIMIT,
      Tmpfs: { '/tmp': TMPFS_OPTIONS },
      LogConfig: LOG_CONFIG,
      RestartPolicy: { Name: 'no' },
      IpcMode: 'private',
      NetworkMode: network,
      Devices: nodes.map((path) => ({ PathOnHost: path, PathInContainer: path, CgroupPermissions: 'rw' })),
      ...(requests.length > 0 && { DeviceRequests: [{ Driver: 'cdi', DeviceIDs: requests }] }),
    },
    NetworkingConfig: { EndpointsConfig: { [network]: { Aliases: [aliasOf(role, release)] } } },
  };
}

/** Device nodes, and names of the Container Device Interface. */
export function splitDevices(devices: string[]): { nodes: string[]; requests: string[] } {
  return {
    nodes: devices.filter((name) => name.startsWith('/')),
    requests: devices.filter((name) => !name.startsWith('/')),
  };
}

/** A node under `/dev`, or a CDI name (`vendor.com/class=name`). */
export function isDeviceName(name: string): boolean {
  const isNode = /^\/dev(\/[A-Za-z0-9_][A-Za-z0-9_.:-]*)+$/.test(name);
  return isNode || /^[a-z0-9.-]+\/[a-z0-9_-]+=[A-Za-z0-9_.:-]+$/i.test(name);
}

function isRoot(user: string | undefined): boolean {
  return /^(|root|0)(:|$)/.test(user ?? '');
}
