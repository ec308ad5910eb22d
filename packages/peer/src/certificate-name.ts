import type { PeerCertificate } from 'node:tls';
import { type NodeId, nodeId } from '@hamn/core';

/** The node that a certificate names: its common name, or else its first DNS name. Undefined where it names none. */
export function certificateName(certificate: Partial<PeerCertificate> | undefined): NodeId | undefined {
  const common = certificate?.subject?.CN;
  if (typeof common === 'string' && common !== '') return nodeId(common);
  const dns = /(?:^|, )DNS:([^,"]+)/.exec(certificate?.subjectaltname ?? '')?.[1];
  return dns === undefined ? undefined : nodeId(dns);
}
