import type { IncomingMessage, ServerResponse } from 'node:http';
import {
  confirmOffBodySchema,
  type DoneAnswer,
  fenceBodySchema,
  fenceLookBodySchema,
  fileSyncBodySchema,
  maintenanceBodySchema,
  pauseBodySchema,
  requestBodySchema,
  resourceWishBodySchema,
  routes,
  scheduleBodySchema,
  serviceNodeCancelBodySchema,
  serviceNodeWishBodySchema,
  unmanagedBodySchema,
} from '@hamn/api';
import type { Failure, Result } from '@hamn/core';
import type { Journal } from '@hamn/telemetry';
import type { Control, ControlFailure } from '../control.ts';
import type { Documents } from '../documents.ts';
import type { FenceControlFailure, FencingControl } from '../fencing-control.ts';
import type { FileSyncControl, FileSyncFailure } from '../file-sync-control.ts';
import type { ServiceNodesControl, ServiceNodesFailure } from '../service-nodes-control.ts';
import { readJson, sendError, sendJson, sendText } from './answers.ts';
import { streamEvents } from './event-stream.ts';

export interface RouterDeps {
  /** The group that this hamnd looks after. */
  readonly group: string;
  readonly documents: Documents;
  readonly control: Control;
  readonly fencing: FencingControl;
  readonly serviceNodes: ServiceNodesControl;
  readonly fileSync: FileSyncControl;
  readonly journal: Journal;
  readonly metricsText: () => Promise<{ readonly type: string; readonly text: string }>;
}

/** `admin`: came over the root-only socket. `peer`: has a certificate of the cluster. `open`: anybody who can reach the port. */
export type Caller = 'admin' | 'peer' | 'open';

/** Answers one request. Never throws; every error is a sentence. */
export async function route(
  deps: RouterDeps,
  caller: Caller,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const url = URL.parse(request.url ?? '/', 'http://hamnd');
  if (url === null)
    return sendError(response, 400, 'bad-request', 'The address of this request cannot be read.');
  const method = request.method ?? 'GET';
  if (method === 'GET' && health(deps, url.pathname, response)) return;
  if (caller === 'open') {
    return sendError(
      response,
      401,
      'no-certificate',
      'Only the health endpoints answer without a client certificate of the cluster’s CA.',
    );
  }
  const asked = url.searchParams.get('group') ?? deps.group;
  if (asked !== deps.group)
    return sendError(
      response,
      409,
      'other-group',
      `This hamnd looks after the group ${deps.group}, not after ${asked}. Nothing was changed.`,
    );
  if (method === 'GET') return get(deps, caller, url, request, response);
  if (method === 'POST' && caller === 'admin') return post(deps, url, request, response);
  return sendError(response, 405, 'not-allowed', `${method} ${url.pathname} is not offered here.`);
}

function health(deps: RouterDeps, path: string, response: ServerResponse): boolean {
  const answer = (good: boolean, text: string): boolean => {
    sendText(response, good ? 200 : 503, 'text/plain; charset=utf-8', `${text}\n`);
    return true;
  };
  const { documents } = deps;
  switch (path) {
    case routes.healthz:
      return answer(true, 'hamnd works');
    case routes.readyz:
      return answer(documents.ready(), documents.doing());
    case routes.primary:
      return answer(documents.isPrimary(), documents.doing());
    case routes.standby:
      return answer(documents.isStandby(), documents.doing());
    default:
      return false;
  }
}

async function get(
  deps: RouterDeps,
  caller: Caller,
  url: URL,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { documents } = deps;
  switch (url.pathname) {
    case routes.status:
      return sendJson(response, 200, documents.status());
    case routes.resources:
      return sendJson(response, 200, documents.resources());
    case routes.resourceOutput: {
      const output = documents.output(url.searchParams.get('name') ?? '');
      return output.ok
        ? sendJson(response, 200, output.value)
        : sendError(response, 404, output.error.code, output.error.message);
    }
    case routes.explain:
      return sendJson(response, 200, documents.explain());
    case routes.history: {
      const history = await documents.history();
      return history.ok
        ? sendJson(response, 200, history.value)
        : sendError(response, 503, history.error.code, history.error.message);
    }
    case routes.serviceNodes: {
      const document = await deps.serviceNodes.document();
      return document.ok ? sendJson(response, 200, document.value) : refuse(response, document.error);
    }
    case routes.fileSync:
      return sendJson(response, 200, await deps.fileSync.document());
    case routes.fileSyncDiff: {
      const diff = await deps.fileSync.diff(url.searchParams.get('name') ?? '');
      return diff.ok ? sendJson(response, 200, diff.value) : refuse(response, diff.error);
    }
    case routes.metrics: {
      const { type, text } = await deps.metricsText();
      return sendText(response, 200, type, text);
    }
    case routes.events:
      if (caller === 'admin') return streamEvents(deps.journal, url, request, response);
      return sendError(response, 405, 'not-allowed', 'Events are offered on the local socket only.');
    default:
      return sendError(response, 404, 'no-such-route', `There is nothing at ${url.pathname}.`);
  }
}

async function post(
  deps: RouterDeps,
  url: URL,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { control, fencing, serviceNodes } = deps;
  if (url.pathname === routes.resume) return finish(response, await control.resume());
  if (url.pathname === routes.scheduleCancel) return finish(response, await control.cancelSchedule());
  if (url.pathname === routes.acceptMachine) return finish(response, await control.acceptMachine());
  const body = await readJson(request, response);
  if (body === undefined) return;
  switch (url.pathname) {
    case routes.pause:
      return withBody(response, pauseBodySchema, body, async (pause) =>
        finish(response, await control.pause(pause)),
      );
    case routes.schedule:
      return withBody(response, scheduleBodySchema, body, async (wish) =>
        finish(response, await control.schedule(wish)),
      );
    case routes.maintenance:
      return withBody(response, maintenanceBodySchema, body, async (wish) =>
        finish(response, await control.maintenance(wish)),
      );
    case routes.unmanaged:
      return withBody(response, unmanagedBodySchema, body, async (wish) =>
        finish(response, await control.unmanaged(wish)),
      );
    case routes.resourceWish:
      return withBody(response, resourceWishBodySchema, body, async (wish) =>
        finish(response, await control.resourceWish(wish)),
      );
    case routes.requests:
      return withBody(response, requestBodySchema, body, async (wish) => {
        const asked = await control.request(wish);
        if (asked.ok) return sendJson(response, 202, { accepted: true, request: asked.value });
        return refuse(response, asked.error);
      });
    case routes.fence:
      return withBody(response, fenceBodySchema, body, async (wish) =>
        finish(response, await fencing.fence(wish)),
      );
    case routes.fenceConfirm:
      return withBody(response, confirmOffBodySchema, body, async (wish) =>
        finish(response, await fencing.confirmOff(wish)),
      );
    case routes.fenceLook:
      return withBody(response, fenceLookBodySchema, body, async (wish) => {
        const looked = await fencing.look(wish);
        return looked.ok ? sendJson(response, 200, looked.value) : refuse(response, looked.error);
      });
    case routes.fileSyncNow:
      return withBody(response, fileSyncBodySchema, body, async (wish) =>
        finish(response, await deps.fileSync.ask('now', wish)),
      );
    case routes.fileSyncAdopt:
      return withBody(response, fileSyncBodySchema, body, async (wish) =>
        finish(response, await deps.fileSync.ask('adopt', wish)),
      );
    case routes.serviceNodeWish:
      return withBody(response, serviceNodeWishBodySchema, body, async (wish) =>
        finish(response, await serviceNodes.wish(wish)),
      );
    case routes.serviceNodeCancel:
      return withBody(response, serviceNodeCancelBodySchema, body, async (wish) =>
        finish(response, await serviceNodes.cancel(wish)),
      );
    default:
      return sendError(response, 404, 'no-such-route', `There is nothing at ${url.pathname}.`);
  }
}

/** What is needed of a schema of the API's. */
interface Schema<T> {
  safeParse(
    body: unknown,
  ):
    | { readonly success: true; readonly data: T }
    | { readonly success: false; readonly error: { readonly message: string } };
}

async function withBody<T>(
  response: ServerResponse,
  schema: Schema<T>,
  body: unknown,
  use: (body: T) => Promise<void>,
): Promise<void> {
  const parsed = schema.safeParse(body);
  if (!parsed.success) return sendError(response, 400, 'bad-request', parsed.error.message);
  return use(parsed.data);
}

function finish(response: ServerResponse, done: Result<string, AnyFailure>): void {
  if (!done.ok) return refuse(response, done.error);
  const answer: DoneAnswer = { message: done.value };
  sendJson(response, 200, answer);
}

type AnyFailure = ControlFailure | FenceControlFailure | FileSyncFailure | ServiceNodesFailure;

const statusOf: Readonly<Record<AnyFailure, number>> = {
  unreachable: 503,
  refused: 409,
  'not-configured': 409,
  unwanted: 409,
  failed: 502,
  timeout: 504,
  unknown: 504,
};

const refuse = (response: ServerResponse, { code, message }: Failure<AnyFailure>): void =>
  sendError(response, statusOf[code], code, message);
