import {
  done,
  fail,
  type OcfResource,
  ok,
  type ResourceAct,
  type ResourceLook,
  type Result,
} from '@hamn/core';
import { always, deadlineIn, type Permit, type ResourceFailure } from '@hamn/engine';
import {
  type Agent,
  type AgentAction,
  type AgentAnswer,
  type AgentHost,
  type AgentOrder,
  type AgentResource,
  advertises,
  type JudgedFailure,
  judgeRun,
  type ProgramFailure,
  runAgent,
} from '@hamn/ocf';
import { type KindAdapter, type KindCall, onlyKind } from '../kind-adapter.ts';
import { KnownAgents } from '../ocf/known-agents.ts';
import { lookOf } from '../ocf/look-of.ts';
import type { ResourcesDeps, ResourcesOptions } from '../options.ts';
import { processesOf } from '../processes/groups.ts';
import { endUnits } from '../programs/end-units.ts';
import { allUnits, endingUnit, programUnits } from '../programs/program-units.ts';
import type { Programs } from '../programs/programs.ts';

type Call = KindCall<OcfResource>;
type Outcome = Promise<Result<undefined, ResourceFailure>>;
type Answer = Result<AgentAnswer, ResourceFailure>;
type Order = Omit<AgentOrder, 'signal' | 'limitMs'>;

const lookShare = 4;
const usualRole = 'unpromoted';

/** Agents by the OCF contract. What `start` leaves stays in the first unit; every other action runs in the second. */
export function ocfKind(options: ResourcesOptions, deps: ResourcesDeps, programs: Programs): KindAdapter {
  const agents = new KnownAgents();
  /** Resources that a look or start found running: the next monitor is one that is repeated, not a probe. */
  const running = new Set<string>();
  const host: AgentHost = {
    clock: deps.clock,
    root: options.ocfRoot,
    temporary: options.ocfTemporary,
    node: options.node,
  };

  const known = (call: Call) => agents.describe(resourceOf(call), call.what, host);

  /** One action in a unit; ok with whatever exit code. */
  const run = async (
    call: Call,
    agent: Agent,
    act: ResourceAct,
    order: Order,
    permit: Permit,
  ): Promise<Answer> => {
    let failure: Result<never, ResourceFailure> | undefined;
    const [own, acting] = programUnits(options.group, call.settings);
    const unitFor = (action: string): string => {
      if (action === 'stop' || action === 'demote') return endingUnit(options.group, call.settings, act);
      return action === 'start' ? own : acting;
    };
    const inUnit: NonNullable<AgentHost['run']> = async (given) => {
      const ended = await programs.inUnit(
        call,
        {
          unit: unitFor(order.action),
          act,
          command: given.argv,
          secretEnvironment: given.env,
          remains: order.action === 'start',
        },
        permit,
      );
      if (!ended.ok) {
        failure = ended;
        return fail(asProgram(ended.error.code), ended.error.message);
      }
      const { code, output } = ended.value;
      // Both streams are in one file. Agents write what matters to the error output.
      const stderr = { text: output.text, droppedBytes: output.cut ? 1 : 0 };
      return ok({ code, stdout: { text: '', droppedBytes: 0 }, stderr, tookMs: 0 });
    };
    const ran = await runAgent(
      agent,
      resourceOf(call),
      { ...order, limitMs: Math.max(1, call.limit.leftMs()) },
      { ...host, run: inUnit },
    );
    if (ran.ok) return ran;
    if (failure !== undefined && !failure.ok) return fail(failure.error.code, ran.error.message);
    return fail('unusable', ran.error.message);
  };

  const act = async (
    call: Call,
    agent: Agent,
    which: Exclude<ResourceAct, 'monitor' | 'kill' | 'outdate'>,
    permit: Permit = always,
  ): Outcome => {
    if (!advertises(agent.metadata, which))
      return fail('unusable', `${agent.name} has no action '${which}', so it cannot be promotable.`);
    const ran = await run(call, agent, which, { action: which }, permit);
    return ran.ok ? judged(agent, call, which, ran.value) : ran;
  };

  const look = async (call: Call): Promise<Result<ResourceLook, ResourceFailure>> => {
    const agent = await known(call);
    return agent.ok ? monitor(call, agent.value.agent) : agent;
  };

  const monitor = async (call: Call, agent: Agent): Promise<Result<ResourceLook, ResourceFailure>> => {
    const { name, monitor: how } = call.settings;
    const order = {
      action: 'monitor',
      level: how.depth === 'deep' ? deepest(agent) : undefined,
      intervalMs: running.has(name) ? how.intervalMs : 0,
    } as const;
    const ran = await run(call, agent, 'monitor', order, always);
    if (!ran.ok) return ran;
    const found = lookOf(ran.value.meaning.state, ran.value.code === 0 ? '' : ran.value.words);
    if (found.level === 'stopped') running.delete(name);
    else running.add(name);
    return ok(found);
  };

  const isRunningNow = async (call: Call, agent: Agent): Promise<boolean> => {
    const limit = deadlineIn(deps.clock, call.limit.leftMs() / lookShare);
    const found = await monitor({ ...call, limit }, agent);
    return found.ok && found.value.level === 'running';
  };

  const start = async (call: Call, permit: Permit): Outcome => {
    const found = await known(call);
    if (!found.ok) return found;
    const { agent } = found.value;
    const valid = await agents.validate(found.value, resourceOf(call), async () => {
      if (!advertises(agent.metadata, 'validate-all')) return done;
      const ran = await run(call, agent, 'start', { action: 'validate-all' }, always);
      return ran.ok ? judged(agent, call, 'validate-all', ran.value) : ran;
    });
    if (!valid.ok) return valid;
    const [own] = programUnits(options.group, call.settings);
    // To start its unit anew would end what runs in it.
    if (processesOf(own).length > 0 && (await isRunningNow(call, agent))) return done;
    const started = await act(call, agent, 'start', permit);
    if (started.ok) running.add(call.settings.name);
    return started;
  };

  const stop = async (call: Call): Outcome => {
    const found = await known(call);
    if (!found.ok) return hasNeverRun(call) ? done : found;
    const stopped = await act(call, found.value.agent, 'stop');
    if (!stopped.ok) return stopped;
    running.delete(call.settings.name);
    return endUnits(deps, [programUnits(options.group, call.settings)[0]], call.limit);
  };

  /** An agent that is not on this node has started nothing here. */
  const hasNeverRun = ({ settings }: Call): boolean =>
    !running.has(settings.name) && processesOf(programUnits(options.group, settings)[0]).length === 0;

  const withAgent = async (call: Call, use: (agent: Agent) => Outcome): Outcome => {
    const found = await known(call);
    return found.ok ? use(found.value.agent) : found;
  };

  return onlyKind('ocf', {
    look,
    start,
    promote: (call, permit) => withAgent(call, (agent) => act(call, agent, 'promote', permit)),
    demote: (call) => withAgent(call, (agent) => act(call, agent, 'demote')),
    stop,
    kill: async (call) => {
      const ended = await endUnits(deps, allUnits(options.group, call.settings), call.limit, {
        atOnce: true,
      });
      // What it keeps in the kernel (addresses, mounts) only the agent can take away.
      return ended.ok ? stop(call) : ended;
    },
  });
}

const resourceOf = ({ settings, what }: Call): AgentResource => ({
  name: settings.name,
  parameters: what.parameters,
  meta: what.promotable ? { promotable: 'true' } : {},
});

/** The deepest look that the agent has, for the role that all of them know; 0 where it has one depth only. */
const deepest = ({ metadata }: Agent): number =>
  Math.max(
    0,
    ...metadata.actions
      .filter(({ name, role = usualRole }) => name === 'monitor' && role === usualRole)
      .map(({ depth }) => depth),
  );

const asProgram = (code: ResourceFailure): ProgramFailure => (code === 'timeout' ? 'timeout' : 'not-started');

function judged(
  agent: Agent,
  call: Call,
  action: AgentAction,
  answer: AgentAnswer,
): Result<undefined, ResourceFailure> {
  const result = judgeRun(agent, resourceOf(call), action, ok(answer));
  return result.ok ? done : fail(ofJudged(result.error.code), result.error.message);
}

const ofJudged = (code: JudgedFailure): ResourceFailure =>
  code === 'unusable-here' || code === 'misconfigured' ? 'unusable' : 'failed';
