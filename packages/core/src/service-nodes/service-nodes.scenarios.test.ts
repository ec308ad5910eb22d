import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { env } from 'node:process';
import { describe, expect, it } from 'vitest';
import { parseScript, runScript } from '../testing/datadriven.ts';
import { ServiceNodesScene } from '../testing/service-nodes-scene.ts';

const folder = new URL('../../testdata/service-nodes/', import.meta.url);

describe('service node scenarios', () => {
  for (const name of readdirSync(folder).sort()) {
    it(name, () => {
      const file = new URL(name, folder);
      const text = readFileSync(file, 'utf8');
      const scene = new ServiceNodesScene();
      const now = runScript(parseScript(text), (block) => scene.run(block));
      if (env['UPDATE'] === '1') writeFileSync(file, now);
      else expect(now).toBe(text);
    });
  }
});
