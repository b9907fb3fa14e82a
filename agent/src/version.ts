import manifest from '../package.json' with { type: 'json' };

/** Set by the build: digits that are others when anything in the package is. Absent where the sources run as they are. */
declare const __AGENT_BUILD__: string | undefined;

/** `0.1.0+3f2a9c04d1e7`: two agents of other content never say the same. */
export const AGENT_VERSION =
  typeof __AGENT_BUILD__ === 'string' ? `${manifest.version}+${__AGENT_BUILD__}` : manifest.version;
