import { unitsOf } from '@hamn/core';
import { broken, doubtful, type Finding, well } from '../finding.ts';
import type { Patient } from '../patient.ts';

/** Units of the role must not start at boot; hamn's own must. */
export async function checkUnits({ file, settings, run }: Patient): Promise<readonly Finding[]> {
  const ours = file.role === 'witness' ? ['hamnd.service'] : ['hamn-guard.service', 'hamnd.service'];
  const theirs =
    file.role === 'witness' || settings === undefined
      ? []
      : [
          ...(settings.postgres === undefined ? [] : [[settings.postgres.unit]]),
          ...settings.resources.flatMap(({ what }) => (what.kind === 'unit' ? [unitsOf(what)] : [])),
        ];
  const state = async (unit: string): Promise<string> => {
    const { stdout, code } = await run('systemctl', ['is-enabled', unit]);
    return stdout.trim() || (code === undefined ? 'unknown' : 'not-found');
  };
  const own = ours.map(async (unit) => ownUnit(unit, await state(unit)));
  const roles = theirs.map(async (names) => {
    const states = await Promise.all(names.map(state));
    const at = Math.max(
      0,
      states.findIndex((one) => one !== 'not-found'),
    );
    const unit = states[at] === 'not-found' ? names.join(', ') : (names[at] ?? '');
    return roleUnit(unit, states[at] ?? 'unknown');
  });
  return Promise.all([...own, ...roles]);
}

function ownUnit(unit: string, state: string): Finding {
  if (state === 'enabled') return well(`${unit} starts at boot.`);
  if (state === 'unknown')
    return doubtful(
      `systemd does not say whether ${unit} starts at boot.`,
      'It ought to.',
      `systemctl is-enabled ${unit}`,
    );
  return doubtful(
    `${unit} does not start at boot (${state}).`,
    'After a power failure this node would not come back as a standby.',
    `systemctl enable ${unit}`,
  );
}

function roleUnit(unit: string, state: string): Finding {
  switch (state) {
    case 'enabled':
    case 'enabled-runtime':
      return doubtful(
        `${unit} starts at boot by itself (${state}).`,
        'hamn starts it when this node has the role; until hamnd runs, only the gate of hamn’s package holds it back.',
        unit.startsWith('postgresql@')
          ? `systemctl disable ${unit} postgresql.service`
          : `systemctl disable ${unit}`,
      );
    case 'masked':
    case 'masked-runtime':
      return broken(`${unit} is masked.`, 'hamn cannot start it here.', `systemctl unmask ${unit}`);
    case 'not-found':
      return broken(
        `systemd knows no unit ${unit}.`,
        'hamn cannot start it here when this node takes over.',
        'Install the package it belongs to, or correct `unit` in the settings.',
      );
    default:
      return well(`${unit} does not start at boot (${state}).`);
  }
}
