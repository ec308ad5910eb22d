import { clusterJsonSchema, nodeFileJsonSchema } from '@hamn/config';
import { generatedFrom, type Page, page, table } from './page.ts';
import { settingRows } from './setting-rows.ts';

const schemaPage = (path: string, schema: Readonly<Record<string, unknown>>): Page => ({
  path,
  text: `${JSON.stringify(schema, undefined, 2)}\n`,
});

const head = ['setting', 'value', 'default', 'meaning'];

/** Every setting, and the JSON Schemas for editors that check while one types. */
export function configPages(): readonly Page[] {
  const node = nodeFileJsonSchema();
  const cluster = clusterJsonSchema();
  return [
    page(
      'reference/config.md',
      '# Settings',
      generatedFrom('packages/config/src'),
      'Two files. Both are YAML; a key that is not listed here is an error, and so is a value of another kind: the message names file, line, ' +
        'path, value and what is legal. `<name>` stands for a name of one’s own, `[]` for each entry of a list.',
      '## The node file: `/etc/hamn/hamn.yaml`',
      'What this node is. Each node has its own; a change counts from the next start of hamnd. ' +
        'For editors: [node.schema.json](node.schema.json).',
      table(head, settingRows(node)),
      '## The cluster’s settings',
      'One text for all nodes, kept in etcd: `hamnctl config show`, `validate` and `apply`. Lengths of time are written like `500ms`, `30s` or ' +
        '`5min`, amounts of data like `16MB` (PostgreSQL’s units, of 1024). For editors: [cluster.schema.json](cluster.schema.json). The timings: [timings.md](timings.md).',
      table(head, settingRows(cluster)),
    ),
    schemaPage('reference/node.schema.json', node),
    schemaPage('reference/cluster.schema.json', cluster),
  ];
}
