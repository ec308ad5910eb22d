import { z } from 'zod';
import { jsonOf } from '../../../../text/json.ts';
import { broken, doubtful, type Finding, well } from '../../finding.ts';
import type { DiskPatient } from '../patient.ts';

const scanSchema = z.looseObject({
  devices: z.array(z.looseObject({ name: z.string(), type: z.string() })).default([]),
});
const healthSchema = z.looseObject({
  smart_status: z.looseObject({ passed: z.boolean() }).optional(),
  smart_support: z.looseObject({ available: z.boolean() }).optional(),
});
const limitMs = 10_000;
const mostDisks = 64;

export type Health = 'passed' | 'failed' | 'none' | 'unread';

/** `smartctl -H -j` of smartmontools 7, or the text of an earlier one. `none`: the disk has no such thing. */
export function readHealth(text: string): Health {
  const health = healthSchema.safeParse(jsonOf(text));
  if (health.success) {
    const { smart_status: status, smart_support: support } = health.data;
    if (status !== undefined) return status.passed ? 'passed' : 'failed';
    return support?.available === false ? 'none' : 'unread';
  }
  const [, word] =
    /^SMART (?:overall-health self-assessment test result|Health Status): *(\S+)/m.exec(text) ?? [];
  if (word === undefined) return /^SMART support is: +Unavailable/m.test(text) ? 'none' : 'unread';
  return word === 'PASSED' || word === 'OK' ? 'passed' : 'failed';
}

/** What each disk thinks of itself. */
export async function checkSmart({ run }: DiskPatient): Promise<readonly Finding[]> {
  const scan = await run('smartctl', ['--scan', '-j'], { timeoutMs: limitMs });
  if (scan.code === undefined)
    return [
      doubtful(
        'smartctl is not installed, or did not end.',
        'What the disks think of themselves is not known.',
        'Install smartmontools.',
      ),
    ];
  const devices = scanSchema.safeParse(jsonOf(scan.stdout));
  if (!devices.success)
    return [doubtful('The list of disks of smartctl could not be read.', unknown, 'smartctl --scan')];
  const disks = devices.data.devices.slice(0, mostDisks);
  return Promise.all(
    disks.map(async ({ name, type }) => {
      const args = ['-H', '-j', '-d', type, name];
      const { stdout } = await run('smartctl', args, { timeoutMs: limitMs });
      return judge(type.includes(',') ? `${name} (${type})` : name, readHealth(stdout), args);
    }),
  );
}

const unknown = 'Whether the disks are well is not known.';

function judge(name: string, health: Health, args: readonly string[]): Finding {
  switch (health) {
    case 'passed':
      return well(`The disk ${name} says that it is well.`);
    case 'none':
      return well(`The disk ${name} does not judge itself (no SMART).`);
    case 'failed':
      return broken(
        `The disk ${name} says that it is about to fail.`,
        'It may not survive being carried and started again.',
        'Replace it while its mirror lives.',
      );
    case 'unread':
      return doubtful(
        `What the disk ${name} says of itself could not be read.`,
        unknown,
        ['smartctl', ...args].join(' '),
      );
  }
}
