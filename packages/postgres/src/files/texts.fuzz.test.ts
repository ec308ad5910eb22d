import { nodeId } from '@hamn/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hbaRemedy } from '../session/session-failure.ts';
import { parseLine, quoteValue } from './config-tree.ts';
import { parseControlData } from './control-data.ts';
import { memoryMegabytes } from './include-basis.ts';
import { connectionText, type IncludeState, readState, renderInclude } from './include-text.ts';
import { parseSynchronousNames } from './synchronous-names.ts';
import { parseHistory, timelineOfWalFile } from './timeline.ts';

/** What PostgreSQL's programs, its files and whoever edits them may say. */
const controlLine = fc.tuple(
  fc.constantFrom(
    'Database system identifier',
    'Database cluster state',
    'Latest checkpoint location',
    "Latest checkpoint's TimeLineID",
    'Minimum recovery ending location',
    "Min recovery ending loc's timeline",
  ),
  fc.oneof(fc.string(), fc.constantFrom('7', '0/3000060', 'shut down', '-1', 'NaN', '1e999', '0x10')),
);
const control = fc
  .array(controlLine)
  .map((lines) => lines.map(([name, value]) => `${name}:  ${value}`).join('\n'));
/** The same few characters again and again: what slows a careless pattern down. */
const monotonous = fc
  .tuple(
    fc.constantFrom(' ', '\t', '"', "'", '""', "''", '\\', '( ', 'FIRST 1 (', 'a ', '= ', ',', '#'),
    fc.nat(2000),
  )
  .map(([piece, times]) => piece.repeat(times));
const text = fc.oneof(
  fc.string(),
  fc.string({ unit: 'binary' }),
  fc
    .tuple(fc.constantFrom('', 'FIRST 1 (', 'a = ', "a '"), monotonous, fc.string())
    .map((parts) => parts.join('')),
);

describe("PostgreSQL's texts, whatever they hold", () => {
  it('of pg_controldata are understood, or not', () => {
    fc.assert(
      fc.property(fc.oneof(text, control), (given) => {
        const read = parseControlData(given);
        if (read !== undefined) expect(read.checkpointTimeline).toBeGreaterThan(0);
      }),
    );
  });

  it('of history files, WAL names, sizes and refusals are understood, or not', () => {
    fc.assert(
      fc.property(text, (given) => {
        for (const line of parseHistory(given)) expect(line.switchLsn).toBeGreaterThanOrEqual(0n);
        timelineOfWalFile(given);
        memoryMegabytes(given);
        hbaRemedy(`no pg_hba.conf entry for host "${given}"`, 'hamn');
      }),
    );
  });

  it('of configuration files are settings, or not, and what is quoted is read back', () => {
    fc.assert(
      fc.property(text, (given) => {
        parseLine(given);
        if (!given.includes('\n') && !given.includes('\r') && !/[\u2028\u2029]/.test(given))
          expect(parseLine(`name = ${quoteValue(given)}`)).toEqual({ name: 'name', value: given });
      }),
    );
  });

  it('of synchronous names are ours, or not', () => {
    fc.assert(fc.property(text, (given) => void parseSynchronousNames(given)));
  });

  it('of hamn.conf put nothing into the next one but names and addresses', () => {
    const state = fc.record({
      upstream: fc.record({ node: text, address: text, port: fc.oneof(fc.integer(), fc.jsonValue()) }),
      synchronous: fc.array(fc.oneof(text, fc.jsonValue())),
    });
    const basis = {
      node: nodeId('mn1'),
      user: 'hamn',
      passfile: '/p',
      slot: 'hamn_mn1',
      walLevel: 'replica',
      walSenders: 10,
      replicationSlots: 10,
      walKeepMegabytes: 512,
      slotKeepMegabytes: 1024,
    } as const;
    const usual = renderInclude({ upstream: undefined, synchronous: [] }, basis).split('\n').length;
    fc.assert(
      fc.property(state, (given) => {
        const read: IncludeState = readState(`# hamn-state: ${JSON.stringify(given)}\n`);
        expect(renderInclude(read, basis).split('\n')).toHaveLength(usual);
      }),
    );
  });

  it('are one word each in a connection string', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (address, passfile) => {
        const words = connectionText(
          { node: nodeId('mn1'), address, port: 5432 },
          { user: 'hamn', passfile, applicationName: 'a' },
        );
        expect(words.replaceAll(/'(?:[^'\\]|\\.)*'/gs, 'x').match(/(?:^| )[a-z_]+=/g)).toHaveLength(11);
      }),
    );
  });
});
