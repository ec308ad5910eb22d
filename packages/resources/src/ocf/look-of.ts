import type { ResourceLook } from '@hamn/core';
import type { AgentState } from '@hamn/ocf';

/** What a monitor's answer means. An agent's word is never sure: it may have looked at a bad moment. */
export function lookOf(state: AgentState, words: string): ResourceLook {
  const look = (level: ResourceLook['level'], usual: string | undefined): ResourceLook => ({
    level,
    sure: false,
    reason: words === '' || usual === undefined ? usual : `${usual} It said: ${words}`,
  });
  switch (state) {
    case 'running':
      return look('running', undefined);
    case 'promoted':
      return look('promoted', undefined);
    case 'stopped':
      return look('stopped', words === '' ? undefined : 'It is not running.');
    case 'degraded':
      return look('running', 'It is running, but is likely to fail soon.');
    case 'degraded-promoted':
      return look('promoted', 'It is promoted, but is likely to fail soon.');
    case 'failed':
      return look('failed', 'It has failed.');
    case 'failed-promoted':
      return look('failed', 'It is promoted and has failed.');
  }
}
