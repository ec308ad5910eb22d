export type { PostgresDeps, PostgresOptions } from './options.ts';
export { createPostgres, type Postgres } from './postgres.ts';
