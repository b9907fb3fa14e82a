import * as z from 'zod';
import { findModel, findVersion, listVersions } from '../../../db/models.ts';
import { forTenant } from '../../../db/scope.ts';
import { notFound } from '../../../domain/errors.ts';
import { ModelName, VersionName } from '../../../domain/names.ts';
import { modelList } from '../../../queries/model-pages.ts';
import { CreateModel, createModel } from '../../../services/models/create-model.ts';
import { RegisterVersion, registerVersion } from '../../../services/models/register-version.ts';
import { serveBytes } from '../../bytes.ts';
import { endpoint } from '../kernel/endpoint.ts';
import { ModelResource, modelResource, PageQuery, pageOf, VersionResource, versionResource } from '../resources.ts';
import { announcedBytes, uploadParts } from '../upload-parts.ts';

const ModelPath = z.object({ model: ModelName });
const VersionPath = z.object({ model: ModelName, version: VersionName });

/** The upload; the console calls it too. */
export const registerVersionEndpoint = endpoint({
  method: 'POST',
  path: '/models/{model}/versions',
  operationId: 'registerModelVersion',
  tag: 'Models',
  permission: 'models:write',
  status: 201,
  summary: 'Register a version by upload',
  description:
    'The body is streamed: either the .onnx file itself, or multipart/form-data with one part per file, whose field name is its role (model, external-data, labels, golden, reference) and whose file name is its path. In place of a reference, `samples` (input rows as JSON lines or CSV) and `calibration` (probabilities and the right class) are read to make one, and not kept.',
  params: ModelPath,
  query: RegisterVersion.omit({ model: true }),
  response: VersionResource,
  streamedBody: {
    'application/octet-stream': { schema: { type: 'string', format: 'binary' } },
    'multipart/form-data': {
      schema: {
        type: 'object',
        properties: { model: { type: 'string', format: 'binary' } },
        required: ['model'],
        additionalProperties: { type: 'string', format: 'binary' },
      },
    },
  },
  handle: async ({ deps, actor, params, query, request }) => {
    const version = await registerVersion(
      deps,
      actor,
      { ...params, ...query },
      uploadParts(request, `${params.model}.onnx`),
      announcedBytes(request),
    );
    return {
      status: 201,
      body: versionResource(version),
      headers: { location: `/api/v1/models/${params.model}/versions/${version.version}` },
    };
  },
});

export const modelEndpoints = [
  endpoint({
    method: 'GET',
    path: '/models',
    operationId: 'listModels',
    tag: 'Models',
    permission: 'models:read',
    status: 200,
    summary: 'List models, in order of name',
    query: PageQuery.extend({ q: z.string().max(64).optional() }),
    response: pageOf(ModelResource),
    handle: async ({ deps, actor, query }) => {
      const { items, nextCursor } = await modelList(deps, actor, query);
      return { status: 200, body: { items: items.map(modelResource), nextCursor } };
    },
  }),
  endpoint({
    method: 'POST',
    path: '/models',
    operationId: 'createModel',
    tag: 'Models',
    permission: 'models:write',
    status: 201,
    summary: 'Make a model',
    description: 'Registering a first version makes its model too.',
    body: CreateModel.meta({ id: 'CreateModel' }),
    response: ModelResource,
    handle: async ({ deps, actor, body }) => ({
      status: 201,
      body: modelResource(await createModel(deps, actor, body)),
      headers: { location: `/api/v1/models/${body.name}` },
    }),
  }),
  endpoint({
    method: 'GET',
    path: '/models/{model}',
    operationId: 'getModel',
    tag: 'Models',
    permission: 'models:read',
    status: 200,
    summary: 'Get a model',
    params: ModelPath,
    response: ModelResource,
    handle: async ({ deps, actor, params }) => {
      const model = await findModel(forTenant(deps.db, actor.organizationId), params.model);
      if (!model) throw notFound('model');
      return { status: 200, body: modelResource(model) };
    },
  }),
  endpoint({
    method: 'GET',
    path: '/models/{model}/versions',
    operationId: 'listModelVersions',
    tag: 'Models',
    permission: 'models:read',
    status: 200,
    summary: 'List a model’s versions, newest first',
    params: ModelPath,
    response: pageOf(VersionResource),
    handle: async ({ deps, actor, params }) => {
      const versions = await listVersions(forTenant(deps.db, actor.organizationId), params.model);
      return { status: 200, body: { items: versions.map(versionResource), nextCursor: null } };
    },
  }),
  registerVersionEndpoint,
  endpoint({
    method: 'GET',
    path: '/models/{model}/versions/{version}',
    operationId: 'getModelVersion',
    tag: 'Models',
    permission: 'models:read',
    status: 200,
    summary: 'Get a version with what its ONNX file says',
    params: VersionPath,
    response: VersionResource,
    handle: async ({ deps, actor, params }) => {
      const version = await findVersion(forTenant(deps.db, actor.organizationId), params.model, params.version);
      if (!version) throw notFound('version');
      return { status: 200, body: versionResource(version) };
    },
  }),
  endpoint({
    method: 'GET',
    path: '/models/{model}/versions/{version}/artifact',
    operationId: 'getModelArtifact',
    tag: 'Models',
    permission: 'models:read',
    status: 200,
    summary: 'Download the .onnx file',
    description: 'Takes Range.',
    params: VersionPath,
    binaryResponse: ['application/octet-stream'],
    handle: async ({ deps, actor, params, request }) => {
      const version = await findVersion(forTenant(deps.db, actor.organizationId), params.model, params.version);
      if (!version) throw notFound('version');
      return serveBytes(request, { sha256: version.sha256, sizeBytes: version.sizeBytes }, (range) =>
        deps.artifacts.open(version.sha256, range),
      );
    },
  }),
];
