import { createCaller, router } from './init.ts';
import { agentsRouter } from './routers/agents.ts';
import { alertsRouter } from './routers/alerts.ts';
import { commandsRouter } from './routers/commands.ts';
import { devicesRouter } from './routers/devices.ts';
import { enrollmentRouter } from './routers/enrollment.ts';
import { fleetRouter } from './routers/fleet.ts';
import { liveRouter } from './routers/live.ts';
import { modelsRouter } from './routers/models.ts';
import { monitoringRouter } from './routers/monitoring.ts';
import { rolloutsRouter } from './routers/rollouts.ts';
import { settingsRouter } from './routers/settings.ts';

export const appRouter = router({
  agents: agentsRouter,
  alerts: alertsRouter,
  commands: commandsRouter,
  devices: devicesRouter,
  enrollment: enrollmentRouter,
  fleet: fleetRouter,
  live: liveRouter,
  models: modelsRouter,
  monitoring: monitoringRouter,
  rollouts: rolloutsRouter,
  settings: settingsRouter,
});
export type AppRouter = typeof appRouter;

/** Calls procedures without a transport: for pages on the server, and for tests. */
export const createAppCaller = createCaller(appRouter);
