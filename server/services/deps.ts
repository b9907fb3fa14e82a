import type { Readable } from 'node:stream';
import type { TrustedKey } from '@flotilla/protocol';
import type { Db } from '../db/client.ts';
import type { AskPullToken } from '../platform/registry-client.ts';
import type { SecretBox } from '../platform/secret-box.ts';

/** Signs what devices must be able to check: desired states and commands. Compact JWS, Ed25519. */
export type DocumentSigner = { trustedKeys: TrustedKey[]; sign: (document: unknown) => Promise<string> };

export type IssuedCertificate = { pem: string; serial: string; notBefore: Date; notAfter: Date };

/** A request's public key, and its SHA-256 fingerprint over the SPKI in hex. Everything else in a CSR is ignored. */
export type RequestedKey = { publicKeyPem: string; fingerprint: string };

export type DeviceCa = {
  /** PEM of the CA that devices trust for the broker, and the broker for devices. */
  certificatePem: string;
  /** Checks the CSR's signature and key type (P-256). @throws AppError `invalid` */
  readRequest: (csrPem: string) => Promise<RequestedKey>;
  /** A client certificate with CN = deviceId for that key. */
  issue: (input: { deviceId: string; publicKeyPem: string; now: Date }) => Promise<IssuedCertificate>;
};

/** Where uploaded bytes live: content-addressed by SHA-256, published only when whole. */
export type ArtifactStore = {
  /** Refuses early what would not fit. What fits may still meet a full disk in `receive`. @throws AppError `storage_full` */
  requireRoom: (sizeBytes: number) => Promise<void>;
  /** Streams into a temporary file, hashing on the way. @throws AppError `payload_too_large`, `storage_full`, `invalid` when cut off. */
  receive: (bytes: AsyncIterable<Uint8Array>, limits: { maxBytes: number }) => Promise<ReceivedFile>;
  open: (sha256: string, range?: { start: number; end: number }) => Promise<Readable>;
  /** Random access for the ONNX reader. */
  source: (path: string) => Promise<{
    sizeBytes: number;
    read: (offset: number, length: number) => Promise<Uint8Array>;
    close: () => Promise<void>;
  }>;
};

/** A file that has arrived but is not published yet. Exactly one of `publish` and `discard` must be called. */
export type ReceivedFile = {
  path: string;
  sha256: string;
  sizeBytes: number;
  /** @throws AppError `storage_full` */
  publish: () => Promise<void>;
  discard: () => Promise<void>;
};

/** What use cases are given. Each takes the part it needs. */
export type Deps = {
  db: Db;
  now: () => Date;
  signer: DocumentSigner;
  ca: DeviceCa;
  artifacts: ArtifactStore;
  /** For secrets that must be read again. */
  secrets: SecretBox;
  askPullToken: AskPullToken;
  /** Addresses as devices and people reach this installation. */
  urls: { api: string; mqtt: string };
  /** Length of the telemetry windows that devices are asked for. */
  telemetryWindowS: number;
};
