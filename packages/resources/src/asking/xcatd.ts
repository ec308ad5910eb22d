import { ok, type ResourceLook, type Result } from '@hamn/core';
import type { ClockPort, ResourceFailure } from '@hamn/engine';
import { askXcatd, type XcatdOptions } from '@hamn/xcatd';

type Look = Result<ResourceLook, ResourceFailure>;

const looked = (level: ResourceLook['level'], reason?: string): Look => ok({ level, sure: false, reason });

const short = (name: string): string => (name.split('.')[0] ?? '').toLowerCase();

/**
 * xcatd that answers with an error is up: what is wrong lies behind it, mostly in the database, and a restart of xcatd would only wait for that. So it is
 * degraded, and so is an xcatd that says it is another machine. Only one that does not answer has failed.
 */
export async function lookAtXcatd(
  address: string,
  hostName: string,
  limitMs: number,
  clock: ClockPort,
  options: XcatdOptions,
): Promise<Look> {
  const asked = await askXcatd(address, limitMs, clock, options);
  if (!asked.ok) {
    const { code, message } = asked.error;
    return code === 'failed' ? looked('failed', message) : looked('running', `It was not asked: ${message}`);
  }
  const { source, error } = asked.value;
  if (error !== undefined)
    return looked(
      'running',
      `xcatd answers, but cannot serve: ${error.replace(/\.$/, '')}. Its database (/etc/xcat/cfgloc) is where to look.`,
    );
  if (source !== undefined && source !== '' && short(source) !== short(hostName))
    return looked(
      'running',
      `At ${address} the xcatd of ${source} answers, not the one of this node (${hostName}).`,
    );
  return looked('running');
}
