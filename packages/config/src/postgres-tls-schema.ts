import type { PostgresTls } from '@hamn/core';
import { z } from 'zod';
import { pathSchema } from './fields.ts';

/** TLS as it is written. */
export interface TlsText {
  readonly mode: PostgresTls['mode'];
  readonly rootCert: string;
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
}

export const tlsSchema: z.ZodType<TlsText> = z
  .strictObject({
    mode: z
      .enum(['off', 'require', 'verify-ca', 'verify-full'])
      .describe(
        'It is how far the other node is trusted: require encrypts and checks nothing, verify-ca checks the CA, verify-full also that the certificate is that of the node. off: no TLS.',
      ),
    rootCert: pathSchema
      .default('/etc/hamn/tls/ca.crt')
      .describe('The certificate of the CA that signed the servers’ certificates.'),
    cert: pathSchema
      .optional()
      .describe('The certificate that a node shows of itself, such as /etc/hamn/tls/node.crt.'),
    key: pathSchema.optional().describe('Its key, readable by root only, such as /etc/hamn/tls/node.key.'),
  })
  .refine((tls) => (tls.cert === undefined) === (tls.key === undefined), {
    error: '`cert` and `key` belong together: write both, or neither where no server asks for a certificate.',
  });

export const tlsOf = ({ mode, rootCert, cert, key }: TlsText): PostgresTls => ({
  mode,
  rootCert: mode === 'verify-ca' || mode === 'verify-full' ? rootCert : undefined,
  client: cert === undefined || key === undefined || mode === 'off' ? undefined : { cert, key },
});
