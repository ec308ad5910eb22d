import { z } from 'zod';
import { clusterSchema } from './cluster-schema.ts';
import { nodeFileSchema } from './node-file.ts';

/** A JSON Schema (draft 2020-12) of what may be *written*: for documents and editors. */
export type JsonSchema = Readonly<Record<string, unknown>>;

export const nodeFileJsonSchema = (): JsonSchema => z.toJSONSchema(nodeFileSchema, { io: 'input' });

export const clusterJsonSchema = (): JsonSchema => z.toJSONSchema(clusterSchema, { io: 'input' });
