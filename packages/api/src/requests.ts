import {
  type MaintenanceValue,
  type NodeId,
  nodeId,
  type RequestValue,
  requestSchema,
  type ScheduleValue,
} from '@hamn/core';
import { z } from 'zod';

/** POST /requests: an admin's wish. hamnd adds the token that it sees and writes it to the store; the primary (or a candidate) carries it out. */
export interface RequestBody {
  readonly kind: RequestValue['kind'];
  /** Switchover, failover: who is to become primary. Reinit: which node is to be cloned again. Restart: which node’s PostgreSQL. */
  readonly to?: string | undefined;
  /** Failover: promote even where acknowledged writes may be lost. */
  readonly allowDataLoss?: boolean | undefined;
  /** Who asks, for the journal: `root on mn1`. */
  readonly by: string;
  /** How long the wish stands before it is void. */
  readonly lifeMs: number;
}

/** The wish as it was written; its end is `lastRequest` of the status with the same id. */
export interface RequestAnswer {
  readonly accepted: true;
  readonly request: RequestValue;
}

export interface PauseBody {
  readonly by: string;
  readonly reason: string;
}

/** POST /schedule: a switchover that is to begin at a stated time. */
export interface ScheduleBody {
  readonly to?: string | undefined;
  readonly atWallMs: number;
  readonly by: string;
}

/** POST /maintenance: PostgreSQL on a node goes into the admin's hands, or comes back out of them. */
export interface MaintenanceBody {
  readonly node: string;
  readonly on: boolean;
  readonly by: string;
  readonly reason: string;
  /** How long at most; only with `on`. */
  readonly forMs: number;
}

export interface DoneAnswer {
  /** One sentence: what was done. */
  readonly message: string;
}

/** Any answer other than 2xx. 400: the request is wrong. 404: no such route. 409: refused as things are. 502: what does it failed. 503: the store cannot be reached, nothing was done. 504: it may have been done. */
export interface ErrorDocument {
  readonly error: { readonly code: string; readonly message: string };
}

export const requestBodySchema: z.ZodType<RequestBody> = z.strictObject({
  kind: z.enum(['switchover', 'failover', 'reinit', 'restart']),
  to: z.string().min(1).optional(),
  allowDataLoss: z.boolean().optional(),
  by: z.string().min(1).max(200),
  lifeMs: z.number().positive().max(3_600_000),
});

export const requestAnswerSchema: z.ZodType<RequestAnswer> = z.looseObject({
  accepted: z.literal(true),
  request: requestSchema,
});

export const pauseBodySchema: z.ZodType<PauseBody> = z.strictObject({
  by: z.string().min(1).max(200),
  reason: z.string().max(1000),
});

export const scheduleBodySchema: z.ZodType<ScheduleBody> = z.strictObject({
  to: z.string().min(1).optional(),
  atWallMs: z.number().positive(),
  by: z.string().min(1).max(200),
});

/** A maintenance that was forgotten must end while somebody still remembers what it was for. */
export const longestMaintenanceMs: number = 7 * 86_400_000;

export const maintenanceBodySchema: z.ZodType<MaintenanceBody> = z.strictObject({
  node: z.string().min(1),
  on: z.boolean(),
  by: z.string().min(1).max(200),
  reason: z.string().max(1000),
  forMs: z.number().positive().max(longestMaintenanceMs),
});

export const doneAnswerSchema: z.ZodType<DoneAnswer> = z.looseObject({ message: z.string() });

export const errorSchema: z.ZodType<ErrorDocument> = z.looseObject({
  error: z.looseObject({ code: z.string(), message: z.string() }),
});

/** The value of the key `schedule`. */
export function scheduleValue(
  body: ScheduleBody,
  made: { readonly id: string; readonly token: number; readonly atWallMs: number },
): ScheduleValue {
  const to = body.to === undefined ? {} : { to: nodeId(body.to) };
  return {
    id: made.id,
    token: made.token,
    ...to,
    by: body.by,
    madeWallMs: made.atWallMs,
    atWallMs: body.atWallMs,
  };
}

/** The value of a key `maintenance/<node>`. */
export const maintenanceValue = (body: MaintenanceBody, nowWallMs: number): MaintenanceValue => ({
  node: nodeId(body.node),
  by: body.by,
  reason: body.reason,
  sinceWallMs: nowWallMs,
  untilWallMs: nowWallMs + body.forMs,
});

/** The value of the key `request` for a wish made under `token`. */
export function requestValue(
  body: RequestBody,
  made: { readonly id: string; readonly token: number; readonly atWallMs: number },
): RequestValue {
  const to: NodeId | undefined = body.to === undefined ? undefined : nodeId(body.to);
  return {
    id: made.id,
    kind: body.kind,
    token: made.token,
    ...(to === undefined ? {} : { to }),
    ...(body.allowDataLoss === true ? { allowDataLoss: true } : {}),
    by: body.by,
    madeWallMs: made.atWallMs,
    expiresWallMs: made.atWallMs + body.lifeMs,
  };
}
