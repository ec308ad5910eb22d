export { type AuthorityFiles, makeAuthority } from './authority.ts';
export { type CertificateDescription, describeCertificate } from './describe.ts';
export { makeNodeCertificate, type NodeFiles, type NodeNames } from './node-certificate.ts';
export type { CertificateFailure } from './openssl.ts';
