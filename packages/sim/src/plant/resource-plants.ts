import { done, type GuardPlan, ok } from '@hamn/core';
import type { Ports } from '@hamn/engine';
import { over, withRule } from './over.ts';
import { type Plant, unplanted } from './plant.ts';

const withResources = (ports: Ports, methods: Partial<NonNullable<Ports['resources']>>): Ports =>
  ports.resources === undefined ? ports : { ...ports, resources: over(ports.resources, methods) };

/** The guard's plan names the units of the settings only. */
const withoutPrograms = (plan: GuardPlan): GuardPlan => ({
  ...plan,
  units: plan.units.filter((name) => !name.startsWith('hamn-res-')),
});

const withoutMounts = (plan: GuardPlan): GuardPlan => ({ ...plan, mounts: [] });

const planLacks =
  (lacking: (plan: GuardPlan) => GuardPlan) =>
  (ports: Ports): Ports => ({
    ...ports,
    guard: over(ports.guard, {
      arm: (order, timeoutMs) => ports.guard.arm({ ...order, plan: lacking(order.plan) }, timeoutMs),
      plan: (plan, timeoutMs) => ports.guard.plan(lacking(plan), timeoutMs),
    }),
  });

/** One look is enough. */
const lieBelieved = (ports: Ports): Ports =>
  withResources(ports, {
    look: async (call) => {
      const look = await ports.resources?.look(call);
      return look?.ok === true
        ? ok({ ...look.value, sure: true })
        : (look ?? ok({ level: 'stopped', sure: true, reason: undefined }));
    },
  });

const unmountUnseen = (ports: Ports): Ports =>
  withResources(ports, {
    stop: async (call) =>
      call.resource.what.kind === 'mount' ? done : ((await ports.resources?.stop(call)) ?? done),
  });

const permitIgnored = (ports: Ports): Ports =>
  withResources(ports, {
    start: async (call, _permit) => {
      // As long as a slow look before it may take.
      await new Promise<void>((resolve) => ports.clock.after(400, resolve));
      return (await ports.resources?.start(call, () => true)) ?? done;
    },
  });

const endIsFailure = (ports: Ports): Ports =>
  withResources(ports, {
    start: async (call, permit) => {
      const ended = (await ports.resources?.start(call, permit)) ?? done;
      return ended.ok && call.resource.what.kind === 'job'
        ? { ok: false, error: { code: 'failed', message: 'It has ended.' } }
        : ended;
    },
  });

/** What has failed for good moves the role, whatever its policy says. */
const optionalMoves = withRule('resource-failover', (facts, own) => {
  const { hold, memory, seen } = facts;
  const isGivenUp = [...memory.resources.values()].some(({ failures }) => failures.times.length > 3);
  const [to] = seen.settings.nodes.filter(({ name, role }) => name !== seen.me && role === 'data');
  if (!isGivenUp || hold === undefined || memory.handover !== undefined || to === undefined)
    return own(facts);
  const reason = 'Something has failed for good.';
  const handover = { id: 'service', to: to.name, since: seen.now, reason, stoppedAt: undefined };
  return { because: reason, memory: { handover } };
});

/** A node without the term lets be what an earlier one left. */
const leftoversStay = (ports: Ports): Ports =>
  withResources(ports, {
    stop: async (call) => (call.role === 'standby' ? done : ((await ports.resources?.stop(call)) ?? done)),
  });

export const resourcePlants: readonly Plant[] = [
  {
    ...unplanted,
    name: 'plan-lacks-programs',
    about: 'The guard does not know of the control groups that hamn makes for programs.',
    wrapPorts: planLacks(withoutPrograms),
  },
  {
    ...unplanted,
    name: 'plan-lacks-mounts',
    about: 'The guard does not know of the file systems that one node alone may have mounted.',
    wrapPorts: planLacks(withoutMounts),
    faults: ['switchover', 'failing stop'],
    wish: { exclusiveShare: true, fencing: 'required', faults: 8 },
  },
  {
    ...unplanted,
    name: 'lie-believed',
    about: 'One bad look is a failure.',
    wrapPorts: lieBelieved,
    faults: ['lying monitor'],
    wish: { faults: 6 },
  },
  {
    ...unplanted,
    name: 'optional-moves',
    about: 'A resource that is not worth the role moves it.',
    install: optionalMoves,
    faults: ['service dead for good'],
    wish: { faults: 4 },
  },
  {
    ...unplanted,
    name: 'unmount-unseen',
    about: 'An unmount counts as done before it is.',
    wrapPorts: unmountUnseen,
    faults: ['switchover'],
    // Where the guard knows of the mount, it unmounts it or verifies nothing.
    wish: { faults: 3, exclusiveShare: false },
  },
  {
    ...unplanted,
    name: 'start-permit-ignored',
    about: 'A resource is started though the term has ended since it was looked at.',
    wrapPorts: permitIgnored,
    wish: { faults: 8 },
  },
  {
    ...unplanted,
    name: 'job-again',
    about: 'The end of a job is taken for a failure.',
    wrapPorts: endIsFailure,
  },
  {
    ...unplanted,
    name: 'leftovers-stay',
    about: 'What an earlier term left on a node is not removed.',
    wrapPorts: leftoversStay,
    wish: { faults: 4 },
  },
];
