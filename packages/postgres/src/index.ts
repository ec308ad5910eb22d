export {
  type Arrival,
  type HbaContext,
  type HbaRule,
  type HbaVerdict,
  judgeArrival,
  lineFor,
} from './access/hba.ts';
export { type AccessReport, type AccessRole, accessQuery, readAccessReport } from './access/report.ts';
export { type ConfigTree, quoteValue, readConfigTree } from './files/config-tree.ts';
export { includeLine } from './files/configuration.ts';
export { checkParameters } from './files/parameter-check.ts';
export type { PostgresDeps, PostgresOptions } from './options.ts';
export { createPostgres, type Postgres } from './postgres.ts';
export { findAccount } from './process/account.ts';
