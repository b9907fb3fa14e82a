import * as z from 'zod';
import { createDocument, type ZodOpenApiOperationObject, type ZodOpenApiPathsObject } from 'zod-openapi';
import type { Endpoint } from './endpoint.ts';

const Problem = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    code: z.string().meta({ description: 'For programs.' }),
    detail: z.string().meta({ description: 'What happened, and what to do.' }),
    requestId: z.string(),
    errors: z.array(z.object({ pointer: z.string(), message: z.string() })).optional(),
  })
  .meta({ id: 'Problem', description: 'RFC 9457 problem details.' });

const problemContent = { 'application/problem+json': { schema: Problem } };
const failures = {
  '401': 'No valid API key.',
  '403': 'The key lacks the scope.',
  '404': 'No such thing in this organization.',
  '422': 'The request cannot be carried out as it is.',
  '429': 'Too many requests.',
};

/** What each group of calls is about. */
const about: Record<string, string> = {
  Devices: 'The machines of the fleet: what they are, what they should run, and what they say they run.',
  Enrollment: 'Tokens with which new devices come in.',
  Models: 'ONNX models and their versions, which never change.',
  Releases: 'A version with the settings that devices run it with.',
  Rollouts: 'Bringing a release to devices, wave by wave, and taking it back.',
  Telemetry: 'What devices measure while they serve.',
  Monitoring: 'Whether a version still sees and answers what it was made for, and how right it is.',
  Labels: 'What was right, for answers that devices gave.',
  Alerts: 'What is wrong, the rules that say so, who is told, and when nobody is.',
  'API keys': 'Keys for this API.',
  Registries: 'Registries of container images, and what devices show them.',
};

/** The OpenAPI 3.1 document, from the very objects that answer the calls. */
export function openApiDocument(endpoints: readonly Endpoint[], serverUrl: string): object {
  const paths: ZodOpenApiPathsObject = {};
  for (const endpoint of endpoints)
    paths[endpoint.path] = { ...paths[endpoint.path], [endpoint.method.toLowerCase()]: operationOf(endpoint) };
  const tags = [...new Set(endpoints.map(({ tag }) => tag))].map((name) => ({
    name,
    description: about[name] ?? name,
  }));
  return createDocument({
    openapi: '3.1.1',
    info: {
      title: 'Flotilla',
      version: '1',
      description: 'Fleet management for edge AI.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: `${serverUrl}/api/v1` }],
    security: [{ apiKey: [] }],
    tags,
    paths,
    components: {
      securitySchemes: { apiKey: { type: 'http', scheme: 'bearer', description: 'An API key: flt_key_…' } },
    },
  });
}

function operationOf(endpoint: Endpoint): ZodOpenApiOperationObject {
  const {
    operationId,
    tag,
    summary,
    description,
    permission,
    authenticate,
    params,
    query,
    body,
    streamedBody,
    status,
    response,
    binaryResponse,
  } = endpoint;
  const content = response
    ? { 'application/json': { schema: response } }
    : binaryResponse
      ? Object.fromEntries(
          binaryResponse.map((type) => [type, { schema: { type: 'string', format: 'binary' } as const }]),
        )
      : undefined;
  const requestBody = body
    ? { required: true, content: { 'application/json': { schema: body } } }
    : streamedBody
      ? { required: true, content: streamedBody }
      : undefined;
  const operation = {
    operationId,
    tags: [tag],
    summary,
    description: authenticate
      ? description
      : `${description ? `${description} ` : ''}Needs the scope \`${permission}\`.`,
    ...(authenticate ? { security: [] } : {}),
    ...(params || query ? { requestParams: { ...(params ? { path: params } : {}), ...(query ? { query } : {}) } } : {}),
    ...(requestBody ? { requestBody } : {}),
    responses: {
      [String(status)]: { description: 'Done.', ...(content ? { content } : {}) },
      ...Object.fromEntries(
        Object.entries(failures).map(([code, text]) => [code, { description: text, content: problemContent }]),
      ),
    },
  };
  return operation as ZodOpenApiOperationObject; // The library's type wants no undefined; none is here.
}
