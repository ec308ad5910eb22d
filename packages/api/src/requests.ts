import { type NodeId, nodeId, type RequestValue, requestSchema } from '@hamn/core';
import { z } from 'zod';

/** POST /requests: an admin's wish. hamnd adds the token that it sees and writes it to the store; the primary (or a candidate) carries it out. */
export interface RequestBody {
  readonly kind: RequestValue['kind'];
  /** Switchover, failover: who is to become primary. Reinit: which node is to be cloned again. */
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

export interface DoneAnswer {
  /** One sentence: what was done. */
  readonly message: string;
}

/** Any answer other than 2xx. 400: the request is wrong. 404: no such route. 409: refused as things are. 502: what does it failed. 503: the store cannot be reached, nothing was done. 504: it may have been done. */
export interface ErrorDocument {
  readonly error: { readonly code: string; readonly message: string };
}

export const requestBodySchema: z.ZodType<RequestBody> = z.strictObject({
  kind: z.enum(['switchover', 'failover', 'reinit']),
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

export const doneAnswerSchema: z.ZodType<DoneAnswer> = z.looseObject({ message: z.string() });

export const errorSchema: z.ZodType<ErrorDocument> = z.looseObject({
  error: z.looseObject({ code: z.string(), message: z.string() }),
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
