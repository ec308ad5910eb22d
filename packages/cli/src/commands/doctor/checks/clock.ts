import { doubtful, type Finding, well } from '../finding.ts';
import type { Patient } from '../patient.ts';

/** hamn's safety needs no common time, but xCAT, certificates and anybody who compares two logs do. */
export async function checkClock({ run }: Patient): Promise<readonly Finding[]> {
  const [timedate, chrony] = await Promise.all([
    run('timedatectl', ['show', '--property=NTPSynchronized', '--value']),
    run('chronyc', ['-n', 'tracking']),
  ]);
  if (timedate.stdout.trim() === 'yes') return [well('The clock is synchronised.')];
  if (chrony.code === 0 && /^Leap status\s*:\s*Normal/m.test(chrony.stdout))
    return [well('The clock is synchronised (chrony).')];
  return [
    doubtful(
      'The clock is not known to be synchronised.',
      'hamn does not decide by it, but logs of two nodes cannot be compared, and certificates may seem to have ended.',
      'Install chrony (apt-get install chrony), the same time source on all nodes.',
    ),
  ];
}
