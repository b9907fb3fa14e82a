import type { NextConfig } from 'next';

const config: NextConfig = {
  reactStrictMode: true,
  poweredByHeader: false,
  typescript: { ignoreBuildErrors: true }, // `npm run types` checks them, once and in full.
  serverExternalPackages: ['pino', 'pg', '@peculiar/x509', 'aedes', 'mqtt'],
};

export default config;
