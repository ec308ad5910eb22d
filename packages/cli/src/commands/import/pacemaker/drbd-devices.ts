import type { Draft, DraftResource } from './draft.ts';

/** A CIB names DRBD's resources, not their devices. The mounts on them do. */
export function findDevices(draft: Draft): void {
  const devices = [...draft.resources].filter(([, { kind }]) => kind === 'drbd');
  for (const [id, { settings, place }] of devices) {
    const own = `/dev/drbd/by-res/${String(settings['resource'])}/`;
    const above = [...draft.resources.values()].filter(
      (other) => isOnDrbd(other) && (devices.length === 1 || follows(other, id, draft)),
    );
    const sources = new Set(above.map((mount) => String(mount.settings['source'])));
    const [found] = [...sources].filter((source) => source.startsWith(own) || sources.size === 1);
    settings['device'] = found ?? `${own}0`;
    draft.toCheck.push({
      place,
      because:
        found === undefined
          ? `Its device is not in the CIB: ${own}0 is what DRBD’s rules for udev make. Mounts must name the same path.`
          : `Its device ${found} is taken from a mount; compare it with /etc/drbd.d.`,
    });
  }
}

const isOnDrbd = ({ kind, settings }: DraftResource): boolean =>
  kind === 'mount' && String(settings['source']).startsWith('/dev/drbd');

/** Through however many resources. */
function follows(
  resource: DraftResource,
  id: string,
  draft: Draft,
  seen: ReadonlySet<DraftResource> = new Set(),
): boolean {
  if (resource.after.has(id)) return true;
  if (seen.has(resource)) return false;
  return [...resource.after].some((before) => {
    const next = draft.resources.get(before);
    return next !== undefined && follows(next, id, draft, new Set([...seen, resource]));
  });
}
