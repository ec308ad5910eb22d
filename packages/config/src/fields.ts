import { z } from 'zod';
import { readAddress, unusableBecause } from './addresses.ts';

/** Schemas of single values that both files use. Each message is one or more full sentences. */

const nameForm = /^[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$/;

/** A name that is a key in etcd, a label in metrics and (for nodes) the name in a certificate. */
export const nameSchema: z.ZodString = z
  .string({ error: 'A name is a text; put quotes around one that is only digits.' })
  .regex(nameForm, {
    error:
      'A name has letters, digits, dots, hyphens and underscores, begins and ends with a letter or digit, and has at most 63 characters.',
  });

/** A node's name stands in its certificate, in etcd and, with its hyphens replaced, in the names of replication slots. */
export const nodeNameSchema: z.ZodString = z
  .string({ error: 'A name is a text; put quotes around one that is only digits.' })
  .regex(/^[A-Za-z0-9]([A-Za-z0-9.-]{0,61}[A-Za-z0-9])?$/, {
    error:
      'A node is named like a host: letters, digits, dots and hyphens, first and last a letter or digit, at most 63 characters.',
  });

/** The address of a host, in the form in which the kernel prints it. */
export const hostAddressSchema: z.ZodType<string> = z
  .string({ error: 'It must be an IPv4 or IPv6 address, such as 10.1.0.221 or fd99::11.' })
  .transform((text, context) => {
    if (text.includes('/')) {
      context.addIssue('A node is reached by its address alone: write it without the prefix length.');
      return z.NEVER;
    }
    const address = readAddress(text);
    if (address === undefined) {
      context.addIssue(
        'It must be an IPv4 or IPv6 address, such as 10.1.0.221 or fd99::11, not a host name.',
      );
      return z.NEVER;
    }
    const because = unusableBecause(address);
    if (because === undefined) return address;
    context.addIssue(`A host cannot be reached there: it is ${because}.`);
    return z.NEVER;
  });

export const portSchema = (port: number): z.ZodType<number> =>
  z
    .int({ error: 'A port is a whole number from 1 to 65535.' })
    .min(1, { error: 'A port is a whole number from 1 to 65535.' })
    .max(65535, { error: 'A port is a whole number from 1 to 65535.' })
    .default(port);

/** An absolute path without `..`. */
export const pathSchema: z.ZodString = z
  .string({ error: 'It must be an absolute path, such as /etc/hamn/node.crt.' })
  .regex(/^\/(?!.*(?:^|\/)\.\.(?:\/|$))[^\0\n]*$/, {
    error: "It must be an absolute path without '..', such as /etc/hamn/node.crt.",
  });

/** A systemd service unit. Source: systemd.unit(5). */
export const unitSchema: z.ZodString = z
  .string({ error: 'It must be the name of a systemd unit, such as isc-dhcp-server.service.' })
  .regex(/^[A-Za-z0-9:_.\\@-]+\.service$/, {
    error: 'It must be the full name of a systemd service, such as isc-dhcp-server.service.',
  });
