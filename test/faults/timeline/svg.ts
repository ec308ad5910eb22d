import type { Span } from '../../client/analyse.ts';
import type { NodeLane, Timeline } from './timeline.ts';

const left = 90;
const top = 46;
const laneGap = 26;
const acksHeight = 40;
const barHeight = 9;
const faultHeight = 13;
const faultRows = 3;
/** What the words of a short fault take of the picture. */
const wordsMs = 3500;
/** Acknowledged rows in a second that fill the lane. */
const fullAcks = 60;

const colours = {
  term: '#2b6cb0',
  vip: '#dd6b20',
  acks: '#2f855a',
  quorum: '#718096',
  off: '#1a202c',
  fault: '#f6c7c7',
  faultEdge: '#c53030',
  rest: '#e9f5ec',
} as const;

/** Who was primary, who had the VIP, acknowledged writes, faults and etcd's quorum, as one picture. */
export function timelineSvg(timeline: Timeline): string {
  const pixelsPerMs = scaleOf(timeline.lengthMs);
  const width = left + timeline.lengthMs * pixelsPerMs + 20;
  const x = (ms: number): number => left + Math.min(Math.max(0, ms), timeline.lengthMs) * pixelsPerMs;
  const laneHeight = acksHeight + 2 * (barHeight + 3) + faultRows * (faultHeight + 2) + laneGap;
  const lanesTop = top + 30;
  const height = lanesTop + timeline.lanes.length * laneHeight + 40;
  const draw = { x, pixelsPerMs };
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width.toFixed(0)}" height="${height}" font-family="sans-serif" font-size="10">`,
    `<rect width="100%" height="100%" fill="white"/>`,
    `<text x="${left}" y="16" font-size="13">Fault suite, seed ${timeline.seed}: ${timeline.rounds.length} rounds, ` +
      `${timeline.violations.length} violations</text>`,
    legend(),
    ...rounds(timeline, height, draw),
    label(lanesTop - 14, 'etcd quorum'),
    ...bars(timeline.quorum, lanesTop - 22, barHeight, colours.quorum, draw),
    ...timeline.lanes.flatMap((lane, index) =>
      laneOf(lane, lanesTop + index * laneHeight, timeline.lengthMs, draw),
    ),
    ...seconds(timeline.lengthMs, height - 12, draw),
    '</svg>',
    '',
  ].join('\n');
}

interface Draw {
  readonly x: (ms: number) => number;
  readonly pixelsPerMs: number;
}

/** Ten minutes are about 5000 pixels; what is longer is drawn narrower, so that programs still open it. */
const scaleOf = (lengthMs: number): number => Math.min(0.03, Math.max(0.008, 16_000 / Math.max(1, lengthMs)));

function laneOf(lane: NodeLane, y: number, lengthMs: number, draw: Draw): readonly string[] {
  const acksBottom = y + acksHeight;
  const faultsTop = acksBottom + 2 * (barHeight + 3) + 4;
  const width = Math.max(1, 1000 * draw.pixelsPerMs - 0.5);
  const acks = lane.acks.flatMap((count, second) => {
    if (count === 0) return [];
    const tall = Math.min(1, count / fullAcks) * acksHeight;
    return [
      rect(
        draw.x(second * 1000),
        acksBottom - tall,
        width,
        tall,
        colours.acks,
        `${count} rows in this second`,
      ),
    ];
  });
  return [
    `<text x="4" y="${y + 24}" font-size="14" font-weight="bold">${escaped(lane.node)}</text>`,
    ...bars(offOf(lane.on, lengthMs), y, acksHeight, colours.off, draw),
    ...acks,
    label(acksBottom + barHeight + 1, 'term'),
    ...bars(lane.term, acksBottom + 2, barHeight, colours.term, draw),
    label(acksBottom + 2 * barHeight + 5, 'VIP'),
    ...bars(lane.vip, acksBottom + barHeight + 5, barHeight, colours.vip, draw),
    ...inRows(lane.faults).flatMap(({ fault, row }) =>
      faultOf(fault, faultsTop + row * (faultHeight + 2), draw),
    ),
  ];
}

/** Faults that overlap, or whose words would, stand below each other. */
function inRows(
  faults: NodeLane['faults'],
): readonly { readonly fault: NodeLane['faults'][number]; readonly row: number }[] {
  const freeAtMs = Array.from({ length: faultRows }, () => 0);
  return [...faults]
    .sort((a, b) => a.fromMs - b.fromMs)
    .map((fault) => {
      const free = freeAtMs.findIndex((atMs) => atMs <= fault.fromMs);
      const row = free === -1 ? freeAtMs.indexOf(Math.min(...freeAtMs)) : free;
      freeAtMs[row] = Math.max(fault.toMs, fault.fromMs + wordsMs);
      return { fault, row };
    });
}

function faultOf(fault: NodeLane['faults'][number], y: number, { x }: Draw): readonly string[] {
  const width = Math.max(2, x(fault.toMs) - x(fault.fromMs));
  return [
    rect(
      x(fault.fromMs),
      y,
      width,
      faultHeight,
      colours.fault,
      `round ${fault.round}: ${fault.text}`,
      colours.faultEdge,
    ),
    `<text x="${(x(fault.fromMs) + 3).toFixed(1)}" y="${y + 10}" font-size="9">${escaped(fault.text)}</text>`,
  ];
}

function rounds(timeline: Timeline, height: number, { x }: Draw): readonly string[] {
  return timeline.rounds.flatMap((round) => {
    const end = round.healthyMs ?? timeline.lengthMs;
    return [
      rect(
        x(round.healedMs),
        top,
        x(end) - x(round.healedMs),
        height - top - 24,
        colours.rest,
        `back in service`,
      ),
      `<line x1="${x(round.fromMs).toFixed(1)}" x2="${x(round.fromMs).toFixed(1)}" y1="${top - 12}" y2="${height - 24}" stroke="#a0aec0"/>`,
      `<text x="${(x(round.fromMs) + 3).toFixed(1)}" y="${top - 4}">${round.round}</text>`,
    ];
  });
}

function seconds(lengthMs: number, y: number, { x }: Draw): readonly string[] {
  const every = lengthMs > 20 * 60_000 ? 60_000 : 10_000;
  return Array.from({ length: Math.floor(lengthMs / every) + 1 }, (_, index) => {
    const ms = index * every;
    const text = `${Math.floor(ms / 60_000)}:${String((ms / 1000) % 60).padStart(2, '0')}`;
    return `<text x="${x(ms).toFixed(1)}" y="${y}" fill="#4a5568">${text}</text>`;
  });
}

function legend(): string {
  const entries: readonly (readonly [keyof typeof colours, string])[] = [
    ['term', 'may be primary (the guard’s deadline runs)'],
    ['vip', 'has the VIP'],
    ['acks', 'acknowledged rows a second'],
    ['quorum', 'etcd answers'],
    ['off', 'powered off'],
    ['fault', 'fault'],
    ['rest', 'faults over, not yet all in service'],
  ];
  return entries
    .map(([key, text], index) => {
      const x = left + 330 + (index === 0 ? 0 : 60) + index * 190;
      return `${rect(x, 7, 10, 10, colours[key], text)}<text x="${x + 14}" y="16">${text}</text>`;
    })
    .join('');
}

/** When a machine was off, from when it was on. */
function offOf(on: readonly Span[], lengthMs: number): readonly Span[] {
  const edges = [0, ...on.flatMap((span) => [span.fromMs, span.toMs]), lengthMs];
  return Array.from({ length: edges.length / 2 }, (_, index) => ({
    fromMs: edges[2 * index] ?? 0,
    toMs: edges[2 * index + 1] ?? 0,
  })).filter((span) => span.toMs - span.fromMs > 100);
}

const bars = (
  spans: readonly Span[],
  y: number,
  height: number,
  fill: string,
  { x }: Draw,
): readonly string[] =>
  spans.map((span) =>
    rect(
      x(span.fromMs),
      y,
      Math.max(1, x(span.toMs) - x(span.fromMs)),
      height,
      fill,
      `${((span.toMs - span.fromMs) / 1000).toFixed(2)} s`,
    ),
  );

function rect(
  x: number,
  y: number,
  width: number,
  height: number,
  fill: string,
  title: string,
  stroke = 'none',
): string {
  return (
    `<rect x="${x.toFixed(1)}" y="${y.toFixed(1)}" width="${width.toFixed(1)}" height="${height.toFixed(1)}" fill="${fill}" ` +
    `stroke="${stroke}"><title>${escaped(title)}</title></rect>`
  );
}

const label = (y: number, text: string): string =>
  `<text x="4" y="${y}" fill="#4a5568">${escaped(text)}</text>`;

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
