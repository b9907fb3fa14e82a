/** The protocol version in topic names, HTTP paths and documents. A device of this version is understood for ever. */
export const PROTOCOL_VERSION = 1;

/** `aud` of the ES256 JWT with which a device signs its HTTPS calls. */
export const DEVICE_JWT_AUDIENCE = 'flotilla-agent-api';

/** Longest life of such a JWT. Short, because it is a bearer token while it lives. */
export const DEVICE_JWT_MAX_AGE_S = 300;
