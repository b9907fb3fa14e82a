import { ensureRevocationList, writeBrokerFolder } from '../mqtt/mosquitto/broker-folder.ts';
import { brokerHostnames, ensurePki } from '../pki/ensure-pki.ts';
import { readConfig } from '../platform/config.ts';

/** One-shot, before Mosquitto starts: makes what is missing of the keys, and what Mosquitto reads of them. Safe to run again. */
const config = readConfig(process.env);
if (!config.mosquitto) throw new Error('FLOTILLA_BROKER_DIR names no folder: only a Mosquitto needs this.');
const now = new Date();
await ensurePki(config.pkiDir, { hostnames: brokerHostnames(config), now });
await writeBrokerFolder(config.pkiDir, config.mosquitto.dir);
await ensureRevocationList(config.pkiDir, config.mosquitto.dir, now);
console.log(`the broker's files are in ${config.mosquitto.dir}`);
