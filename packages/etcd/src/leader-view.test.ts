import { describe, expect, it } from 'vitest';
import { type MemberAccount, viewLeadership } from './leader-view.ts';
import type { Member } from './wire/maintenance.ts';

const member = (id: string, address: string, isLearner = false): Member => ({
  id,
  name: `name-${id}`,
  clientUrls: [`https://${address}:2379`],
  isLearner,
});

const says = (id: string, leader: string, raftTerm = 2, errors: readonly string[] = []): MemberAccount => ({
  status: {
    header: { clusterId: 'c', memberId: id, revision: 1, raftTerm: 1 },
    leader,
    raftTerm,
    errors,
    isLearner: false,
  },
});

const members = [member('a', '10.0.0.1'), member('b', '10.0.0.2'), member('d', '10.0.0.4')];
const options = { address: '10.0.0.1', witnesses: ['10.0.0.4'] };

describe('who leads etcd', () => {
  it('knows its own member and names witnesses first', () => {
    const leading = viewLeadership(members, [says('a', 'a'), says('b', 'a'), says('d', 'a')], options);
    expect(leading).toEqual({
      leader: 'a',
      view: {
        onThisNode: true,
        others: [
          { memberId: 'd', node: 'name-d' },
          { memberId: 'b', node: 'name-b' },
        ],
      },
    });
  });

  it('believes the highest raft term', () => {
    const leading = viewLeadership(
      members,
      [says('a', 'a', 2), says('b', 'b', 3), says('d', 'b', 3)],
      options,
    );
    expect(leading?.leader).toBe('b');
    expect(leading?.view.onThisNode).toBe(false);
  });

  it('leaves out members that do not answer, have errors, or are learners', () => {
    const all = [...members, member('e', '10.0.0.5', true)];
    const accounts = [says('a', 'a'), says('b', 'a', 2, ['etcdserver: no space']), says('e', 'a')];
    expect(viewLeadership(all, accounts, options)?.view.others).toEqual([]);
  });

  it('says nothing while nobody leads', () => {
    expect(viewLeadership(members, [says('a', '0'), says('b', '0')], options)).toBeUndefined();
    expect(viewLeadership(members, [], options)).toBeUndefined();
  });

  it('compares IPv6 addresses, not their spelling', () => {
    const six = [member('a', '[fd00:0:0::1]')];
    expect(
      viewLeadership(six, [says('a', 'a')], { address: 'fd00::1', witnesses: [] })?.view.onThisNode,
    ).toBe(true);
  });
});
