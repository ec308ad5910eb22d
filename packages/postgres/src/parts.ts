import { join } from 'node:path';
import { fail, ok, type Result } from '@hamn/core';
import type { ClockPort, UnitPort, Upstream } from '@hamn/engine';
import { CopyProgress } from './actions/copy-progress.ts';
import { Configuration } from './files/configuration.ts';
import { ControlDataReader } from './files/control-data.ts';
import { JobMarker } from './files/job-marker.ts';
import { KeptConfiguration } from './files/kept-configuration.ts';
import type { PostgresDeps, PostgresOptions } from './options.ts';
import { Software } from './process/software.ts';
import { Session } from './session/session.ts';

/** What the actions share. */
export interface Parts {
  readonly options: PostgresOptions;
  readonly clock: ClockPort;
  readonly units: UnitPort;
  readonly configuration: Configuration;
  readonly control: ControlDataReader;
  readonly marker: JobMarker;
  readonly kept: KeptConfiguration;
  readonly progress: CopyProgress;
  readonly software: Software;
  /** A kept session for short statements; the observation has its own. */
  readonly commander: Session;
  /** A session of its own with the local server: it is forked from the postmaster as it is now. The caller closes it. */
  readonly localSession: (startup?: string) => Session;
  readonly upstreamSession: (upstream: Upstream, database?: string) => Session;
}

export function makeParts(options: PostgresOptions, deps: PostgresDeps): Parts {
  const configuration = new Configuration(options);
  const password = async (): Promise<Result<string, string>> => {
    const read = await configuration.password();
    return read.ok ? ok(read.value) : fail(read.error.code, read.error.message);
  };
  const session = (host: string, port: number, startup?: string, database = 'postgres'): Session =>
    new Session({ host, port, user: options.user, database, password, startup }, { clock: deps.clock });
  const own = (name: string): string => join(options.stateDirectory, name);
  return {
    options,
    clock: deps.clock,
    units: deps.units,
    configuration,
    control: new ControlDataReader(options),
    marker: new JobMarker(own('postgres-job.json')),
    kept: new KeptConfiguration({ ...options, keepDirectory: own('postgres/configuration') }),
    progress: new CopyProgress(deps.clock),
    software: new Software(options.binDirectory),
    commander: session(localHost, options.port),
    localSession: (startup) => session(localHost, options.port, startup),
    upstreamSession: (upstream, database = 'postgres') =>
      new Session(
        {
          user: options.user,
          password,
          database,
          host: upstream.address,
          port: upstream.port,
          tls: () => configuration.tls.sessionOptions(upstream),
        },
        { clock: deps.clock },
      ),
  };
}

export const localHost = '127.0.0.1';
