import { didYouMean, findCycle } from '@hamn/core';
import { type GroupText, unitOf } from '../cluster-schema.ts';
import { type Finding, wrong } from './finding.ts';

/** What always comes before every service, and so is not named in `after`. */
const implied: readonly string[] = ['postgres', 'vip'];

export function checkServices(group: string, { services, postgres }: GroupText): readonly Finding[] {
  const findings: Finding[] = [];
  const names = services.map((service) => service.name);
  const units = new Map<string, string>();
  if (postgres !== undefined) units.set(postgres.unit, 'postgres');
  for (const [index, service] of services.entries()) {
    const path = ['groups', group, 'services', index];
    if (names.indexOf(service.name) !== index)
      findings.push(
        wrong(
          [...path, 'name'],
          service.name,
          `There are two services called '${service.name}'. Rename one of them.`,
        ),
      );
    if (implied.includes(service.name))
      findings.push(
        wrong(
          [...path, 'name'],
          service.name,
          `'${service.name}' is hamn's own word. Call the service something else.`,
        ),
      );
    const unit = unitOf(service);
    const other = units.get(unit);
    units.set(unit, service.name);
    if (other !== undefined)
      findings.push(
        wrong(
          [...path, service.unit === undefined ? 'name' : 'unit'],
          unit,
          `The unit ${unit} belongs to '${other}' already. Two names for one unit would start and stop it twice.`,
        ),
      );
    for (const [at, before] of service.after.entries())
      if (!names.includes(before)) findings.push(unknownService([...path, 'after', at], before, names));
  }
  // With a name twice the order cannot be told, and the circle would be one of words only.
  return new Set(names).size < names.length ? findings : [...findings, ...checkCycle(group, services)];
}

function unknownService(path: (string | number)[], name: string, names: readonly string[]): Finding {
  const message = implied.includes(name)
    ? `'${name}' always comes before every service. Remove it here.`
    : `There is no service '${name}' in this group.${didYouMean(name, names)}`;
  return wrong(path, name, message, names);
}

function checkCycle(group: string, services: GroupText['services']): readonly Finding[] {
  const cycle = findCycle(new Map(services.map((service) => [service.name, service.after])));
  if (cycle === undefined) return [];
  const index = services.findIndex((service) => service.name === cycle[0]);
  return [
    wrong(
      ['groups', group, 'services', index, 'after'],
      cycle,
      `These services wait for each other for ever: ${cycle.join(' -> ')} ('->' reads 'starts after'). Remove one of these.`,
    ),
  ];
}
