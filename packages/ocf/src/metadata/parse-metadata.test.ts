import { describe, expect, it } from 'vitest';
import { parseInterval } from './interval.ts';
import { advertises, advisedLimitMs } from './metadata.ts';
import { parseMetadata } from './parse-metadata.ts';

/** What OCF 1.1 added: few of Debian's agents use it. */
const text = `<?xml version="1.0"?>
<resource-agent name="new" version="2.0">
  <version>1.1</version>
  <longdesc lang="de">Deutsch</longdesc>
  <longdesc lang="en">
    First line,
    and second.

    Another paragraph &lt;here&gt;.
  </longdesc>
  <shortdesc lang="en">A short one</shortdesc>
  <parameters>
    <parameter name="address" required="1" unique-group="place" reloadable="1">
      <longdesc>Where</longdesc><shortdesc>Where</shortdesc><content type="string"/>
    </parameter>
    <parameter name="port" unique="1" reloadable="0"><content type="Integer" default=" 80 "/></parameter>
    <parameter name="mode"><content type="select" default="slow"><option value="fast"/><option value="slow"/></content></parameter>
    <parameter name="old"><deprecated><replaced-with name="address"/></deprecated><content type="string"/></parameter>
    <parameter><content type="string"/></parameter>
  </parameters>
  <actions>
    <action name="start" timeout="60s" start-delay="5s"/>
    <action name="stop" timeout="2min"/>
    <action name="monitor" timeout="20" interval="10s" depth="0"/>
    <action name="monitor" timeout="30s" interval="60s" depth="10"/>
    <action name="monitor" timeout="45s" interval="9s" role="Master"/>
    <action name="reload-agent" timeout="soon"/>
  </actions>
</resource-agent>`;

describe('a description by OCF 1.1', () => {
  const read = parseMetadata(text);
  if (!read.ok) throw new Error(read.error.message);
  const metadata = read.value;

  it('has its texts in English', () => {
    expect(metadata).toMatchObject({
      name: 'new',
      apiVersion: '1.1',
      shortText: 'A short one',
      longText: 'First line, and second.\nAnother paragraph <here>.',
    });
  });

  it('has its parameters', () => {
    expect([...metadata.parameters.keys()]).toEqual(['address', 'port', 'mode', 'old']);
    expect(metadata.parameters.get('address')).toEqual({
      name: 'address',
      required: true,
      uniqueGroup: 'place',
      reloadable: true,
      deprecated: false,
      type: 'string',
      options: [],
      default: undefined,
      shortText: 'Where',
      longText: 'Where',
    });
    expect(metadata.parameters.get('port')).toMatchObject({
      uniqueGroup: 'port',
      reloadable: false,
      type: 'integer',
      default: ' 80 ',
    });
    expect(metadata.parameters.get('mode')).toMatchObject({
      options: ['fast', 'slow'],
      reloadable: undefined,
    });
    expect(metadata.parameters.get('old')?.deprecated).toBe(true);
  });

  it('has its actions and their limits', () => {
    expect(metadata.actions[0]).toMatchObject({ timeoutMs: 60_000, startDelayMs: 5000, depth: 0 });
    expect(advisedLimitMs(metadata, 'stop')).toBe(120_000);
    expect(advisedLimitMs(metadata, 'monitor')).toBe(20_000);
    expect(advisedLimitMs(metadata, 'monitor', { level: 10 })).toBe(30_000);
    expect(advisedLimitMs(metadata, 'monitor', { role: 'promoted' })).toBe(45_000);
    // No such depth: the longest of all.
    expect(advisedLimitMs(metadata, 'monitor', { level: 20 })).toBe(45_000);
    expect(advisedLimitMs(metadata, 'reload-agent')).toBe(20_000);
    expect([advertises(metadata, 'reload-agent'), advertises(metadata, 'reload')]).toEqual([true, false]);
  });
});

describe('a length of time', () => {
  it.each([
    ['20', 20_000],
    ['20s', 20_000],
    [' 20 sec ', 20_000],
    ['1500ms', 1500],
    ['2m', 120_000],
    ['2min', 120_000],
    ['1h', 3_600_000],
    ['0', 0],
    ['999999999h', 86_400_000],
    ['', undefined],
    ['-1', undefined],
    ['1.5s', undefined],
    ['soon', undefined],
    ['3 days', undefined],
  ])('%j', (given, ms) => {
    expect(parseInterval(given)).toBe(ms);
  });
});
