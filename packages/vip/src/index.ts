export { VipAdapter, type VipDeps } from './vip-adapter.ts';
