import type { ContainerRuntime, Reason, Release } from '@flotilla/protocol';
import { ReasonError } from '../reason-error.ts';
import { removeContainer, startContainer } from './container.ts';
import { type CompanionPart, ContainerRunner, containerName } from './container-runner.ts';
import { companionSpec, DEFAULT_PORT, runnerSpec } from './container-spec.ts';
import type { EngineImage } from './engine/load-image.ts';
import { parseImage } from './image/image-reference.ts';
import { Images, type ImagesPorts } from './image/images.ts';
import { removeLeftovers } from './leftovers.ts';
import { layOutRepository, type RepositoryPorts } from './model-repository.ts';
import { ensureNetwork } from './network.ts';

export type ContainersPorts = ImagesPorts &
  RepositoryPorts & {
    procfs: string;
    sysfs: string;
    random: () => number;
  };

export type LaunchOrder = {
  slot: string;
  release: Release;
  stagedDir: string;
  /** Aborts when it is not wanted any more. */
  signal: AbortSignal;
  onTrouble: (reason: Reason) => void;
};

/** Runs releases in containers. An engine that is not there makes nothing but these releases fail. */
export class Containers {
  readonly images: Images;
  readonly #ports: ContainersPorts;
  #cleaned: Promise<number> | null = null;

  constructor(ports: ContainersPorts) {
    this.#ports = ports;
    this.images = new Images(ports);
  }

  /** Once a life of the agent, before anything of ours runs: what its last life has left is removed. */
  async clean(): Promise<void> {
    const { engine, deviceId, logger } = this.#ports;
    this.#cleaned ??= removeLeftovers(engine, deviceId);
    try {
      const removed = await this.#cleaned;
      if (removed > 0) logger.log('info', `removed ${removed} containers of the agent's last life`);
      this.#cleaned = Promise.resolve(0);
    } catch (error) {
      this.#cleaned = null;
      throw error;
    }
  }

  /** Starts what serves this release and resolves when it is ready. Nothing of it is left when that fails. */
  async launch(order: LaunchOrder, runtime: ContainerRuntime): Promise<ContainerRunner> {
    await this.clean();
    const { engine, deviceId, logger, procfs, sysfs, random } = this.#ports;
    const { slot, release, onTrouble } = order;
    await this.images.bringBack(release, order.signal);
    const repositoryDir = await layOutRepository(this.#ports, release, order.stagedDir);
    const network = await ensureNetwork(this.#ports, slot, runtime.outbound ?? false);
    const contextOf = async (image: string) => {
      const { Id: imageId, Config } = await this.#imageOf(image);
      return { deviceId, slot, release, network, imageId, imageUser: Config?.User };
    };
    const companions: CompanionPart[] = [];
    for (const each of runtime.companions ?? []) {
      const context = await contextOf(each.image);
      const spec = companionSpec(context, each, runtime.port ?? DEFAULT_PORT, repositoryDir);
      companions.push({ name: each.name, spec, isBackend: each.backend ?? false });
    }
    const spec = runnerSpec(await contextOf(runtime.image), runtime, repositoryDir);
    const container = await startContainer(engine, containerName(slot, 'runner'), spec);
    const { hostPort } = container;
    if (hostPort === null) {
      await removeContainer(engine, container.id);
      throw new ReasonError('runner.start', 'the container ended at once, or the engine published no port');
    }
    const started = { ...container, hostPort };
    const { stagedDir } = order;
    const parts = { engine, release, runtime, slot, stagedDir, container: started, companions, onTrouble };
    const runner = new ContainerRunner({ ...parts, procfs, sysfs, logger, random });
    await runner.whenReady().catch(async (error: unknown) => {
      await runner.stop();
      throw error;
    });
    return runner;
  }

  async #imageOf(image: string): Promise<EngineImage> {
    const found = await this.images.find(parseImage(image));
    if (found) return found;
    throw new ReasonError('container.engine', `the engine has lost the image ${image}`);
  }
}
