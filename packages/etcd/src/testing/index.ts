/** For tests of other packages. */
export { EtcdCluster } from './etcd-cluster.ts';
