import { describe, expect, it } from 'vitest';
import type { Agent } from '../agent.ts';
import { parseMetadata } from '../metadata/parse-metadata.ts';
import { checkParameters } from './check-parameters.ts';

function agentWith(parameters: string): Agent {
  const actions = ['start', 'stop', 'monitor'].map((name) => `<action name="${name}"/>`).join('');
  const text = `<resource-agent><parameters>${parameters}</parameters><actions>${actions}</actions></resource-agent>`;
  const metadata = parseMetadata(text);
  if (!metadata.ok) throw new Error(metadata.error.message);
  return { name: 'ocf:test:x', provider: 'test', type: 'x', path: '/x', metadata: metadata.value };
}

const parameter = (name: string, content: string, more = ''): string =>
  `<parameter name="${name}" ${more}><content ${content}</content></parameter>`;

const agent = agentWith(
  [
    parameter('device', 'type="string">', 'required="1"'),
    parameter('level', 'type="integer" default="3">', 'required="1"'),
    parameter('fast', 'type="boolean" default="false">'),
    parameter('mode', 'type="select"><option value="a"/><option value="b"/>'),
    // rabbitmq-server-ha calls a path a boolean.
    parameter('base', 'type="boolean" default="/var/lib/x">'),
    parameter('wait', 'type="second" default="5">'),
  ].join(''),
);

const codesOf = (parameters: Readonly<Record<string, string>>): readonly string[] =>
  checkParameters(agent, { name: 'r', parameters }).map(({ code, parameter: name }) => `${code} ${name}`);

describe('parameters', () => {
  it.each([
    [{ device: '/dev/x' }, []],
    [{}, ['missing device']],
    [{ device: '' }, ['missing device']],
    [{ device: 'x', Device: 'y' }, ['unknown Device']],
    [{ device: 'x', trace_ra: '1', trace_dir: '/tmp' }, []],
    [{ device: 'x', level: '-3' }, []],
    [{ device: 'x', level: '3s' }, ['wrong-type level']],
    [{ device: 'x', level: '' }, ['wrong-type level']],
    [{ device: 'x', fast: 'on' }, []],
    [{ device: 'x', fast: 'False' }, []],
    [{ device: 'x', fast: 'y' }, ['wrong-type fast']],
    // Yes for agents in shell, no for those in Python.
    [{ device: 'x', fast: 'True' }, ['wrong-type fast']],
    [{ device: 'x', mode: 'b' }, []],
    [{ device: 'x', mode: 'c' }, ['wrong-type mode']],
    [{ device: 'x', base: '/srv' }, []],
    [{ device: 'x', wait: 'long' }, []],
    [{ device: 'a\0b' }, ['illegal device']],
  ])('%j', (parameters, problems) => {
    expect(codesOf(parameters)).toEqual(problems);
  });

  it('are named in the message, with the nearest legal one', () => {
    const problems = checkParameters(agent, { name: 'r', parameters: { devise: 'x', mode: 'c' } });
    expect(problems.map(({ message }) => message)).toEqual([
      "ocf:test:x has no parameter 'devise' (resource r). Did you mean 'device'?",
      "The parameter 'mode' of ocf:test:x (resource r) is 'c', but must be one of a, b.",
      "ocf:test:x needs the parameter 'device'; give it to the resource r.",
    ]);
  });
});
