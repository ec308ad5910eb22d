import { describe, expect, it } from 'vitest';
import { certificateName } from './certificate-name.ts';

const subject = (CN: string): { C: string; ST: string; L: string; O: string; OU: string; CN: string } => ({
  C: '',
  ST: '',
  L: '',
  O: '',
  OU: '',
  CN,
});

describe('the name in a certificate', () => {
  it('is the common name', () => {
    expect(certificateName({ subject: subject('mn1'), subjectaltname: 'DNS:other' })).toBe('mn1');
  });

  it('is the first DNS name where there is no common name', () => {
    const subjectaltname = 'IP Address:10.0.0.1, DNS:mn2, DNS:localhost';
    expect(certificateName({ subject: subject(''), subjectaltname })).toBe('mn2');
  });

  it('is missing where there is neither', () => {
    expect(certificateName({ subjectaltname: 'IP Address:10.0.0.1' })).toBeUndefined();
    expect(certificateName(undefined)).toBeUndefined();
  });
});
