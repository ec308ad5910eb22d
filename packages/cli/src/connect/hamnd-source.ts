import {
  doneAnswerSchema,
  errorSchema,
  explainSchema,
  fencingDocumentSchema,
  fileSyncDiffSchema,
  fileSyncDocumentSchema,
  historyDocumentSchema,
  outputSchema,
  requestAnswerSchema,
  resourcesSchema,
  routes,
  serviceNodesDocumentSchema,
  statusSchema,
} from '@hamn/api';
import { fail, ok, type Result } from '@hamn/core';
import { jsonOf } from '../text/json.ts';
import type { Source, SourceFailure } from './source.ts';
import { type Answer, call } from './unix-http.ts';

/** What is needed of a schema of the API's. */
interface Schema<T> {
  safeParse(value: unknown):
    | { readonly success: true; readonly data: T }
    | {
        readonly success: false;
        readonly error: { readonly issues: readonly { readonly path: PropertyKey[] }[] };
      };
}

const readLimitMs = 3000;
/** hamnd reads etcd, writes, and reads again where the answer was lost; each may have to wait out a slow endpoint. */
const writeLimitMs = 13_000;
/** hamnd allows a comparison 65 s. */
const diffLimitMs = 70_000;
/** hamnd allows its devices two minutes. */
const lookLimitMs = 125_000;

/** This node's hamnd over its root-only socket. */
export function hamndSource(socket: string, group: string): Source {
  const path = (route: string): string => `${route}?group=${encodeURIComponent(group)}`;
  const get = async <T>(
    route: string,
    schema: Schema<T>,
    more = '',
    timeoutMs: number = readLimitMs,
  ): Promise<Result<T, SourceFailure>> => {
    const answer = await call({
      socket,
      method: 'GET',
      path: `${path(route)}${more}`,
      timeoutMs,
    });
    if (!answer.ok)
      return fail(answer.error.code === 'timeout' ? 'timeout' : 'unreachable', answer.error.message);
    return readAnswer(answer.value, schema);
  };
  const post = async <T>(
    route: string,
    body: unknown,
    schema: Schema<T>,
    timeoutMs: number = writeLimitMs,
  ): Promise<Result<T, SourceFailure>> => {
    const answer = await call({ socket, method: 'POST', path: path(route), body, timeoutMs });
    if (answer.ok) return readAnswer(answer.value, schema);
    const sent = answer.error.code === 'timeout' || answer.error.code === 'broken';
    if (!sent) return fail('unreachable', answer.error.message);
    return fail(
      'unknown',
      `${answer.error.message} It may have been asked for all the same; \`hamnctl status\` shows it.`,
    );
  };
  return {
    kind: 'hamnd',
    status: () => get(routes.status, statusSchema),
    explain: () => get(routes.explain, explainSchema),
    history: () => get(routes.history, historyDocumentSchema),
    request: async (body) => {
      const answer = await post(routes.requests, body, requestAnswerSchema);
      return answer.ok ? ok(answer.value.request) : answer;
    },
    pause: (body) => post(routes.pause, body, doneAnswerSchema),
    resume: (by) => post(routes.resume, { by }, doneAnswerSchema),
    schedule: (body) => post(routes.schedule, body, doneAnswerSchema),
    cancelSchedule: (by) => post(routes.scheduleCancel, { by }, doneAnswerSchema),
    maintenance: (body) => post(routes.maintenance, body, doneAnswerSchema),
    resources: () => get(routes.resources, resourcesSchema),
    resourceOutput: (resource) =>
      get(routes.resourceOutput, outputSchema, `&name=${encodeURIComponent(resource)}`),
    unmanaged: (body) => post(routes.unmanaged, body, doneAnswerSchema),
    resourceWish: (body) => post(routes.resourceWish, body, doneAnswerSchema),
    fenceLook: (body) => post(routes.fenceLook, body, fencingDocumentSchema, lookLimitMs),
    fence: (body, limitMs) => post(routes.fence, body, doneAnswerSchema, limitMs + writeLimitMs),
    confirmOff: (body) => post(routes.fenceConfirm, body, doneAnswerSchema),
    serviceNodes: () => get(routes.serviceNodes, serviceNodesDocumentSchema),
    serviceNodeWish: (body) => post(routes.serviceNodeWish, body, doneAnswerSchema),
    serviceNodeCancel: (body) => post(routes.serviceNodeCancel, body, doneAnswerSchema),
    fileSync: {
      status: () => get(routes.fileSync, fileSyncDocumentSchema),
      diff: (resource) =>
        get(routes.fileSyncDiff, fileSyncDiffSchema, `&name=${encodeURIComponent(resource)}`, diffLimitMs),
      now: (body) => post(routes.fileSyncNow, body, doneAnswerSchema),
      adopt: (body) => post(routes.fileSyncAdopt, body, doneAnswerSchema),
    },
    acceptMachine: () => post(routes.acceptMachine, {}, doneAnswerSchema),
    close: () => Promise.resolve(),
  };
}

function readAnswer<T>({ status, text }: Answer, schema: Schema<T>): Result<T, SourceFailure> {
  const body = jsonOf(text);
  if (status >= 200 && status < 300) {
    const read = schema.safeParse(body);
    if (read.success) return ok(read.data);
    const place = read.error.issues[0]?.path.join('.') ?? '';
    return fail(
      'garbled',
      `hamnd’s answer cannot be read (at '${place}'). Are hamnd and hamnctl of one version? \`systemctl restart hamnd\` is harmless.`,
    );
  }
  const read = errorSchema.safeParse(body);
  const message = read.success ? read.data.error.message : `hamnd answered with HTTP status ${status}.`;
  if (status === 503) return fail('unreachable', message);
  // hamnd asked etcd, and etcd did not say whether it was done: no definite no.
  if (status === 504) return fail('unknown', message);
  if (status === 502) return fail('failed', message);
  return fail(status >= 400 && status < 500 ? 'refused' : 'garbled', message);
}
