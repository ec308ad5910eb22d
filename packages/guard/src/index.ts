export { GuardClient, type GuardClientOptions } from './client/guard-client.ts';
