export interface UnitView {
  readonly unit: string;
  /** False when systemd knows no such unit. */
  readonly loaded: boolean;
  /** systemd's ActiveState. */
  readonly active: 'active' | 'reloading' | 'inactive' | 'failed' | 'activating' | 'deactivating';
  readonly sub: string;
  /** Whether it would start at boot. */
  readonly enabled: boolean;
  /** systemd's Result of the last run: success, exit-code, signal, timeout ... */
  readonly result: string;
  /** systemd has a job for it: somebody starts, stops or restarts it. */
  readonly hasJob?: boolean | undefined;
}
