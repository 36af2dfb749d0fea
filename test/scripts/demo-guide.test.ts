import { buildSchema, parse, validate } from 'graphql';
import { describe, expect, it } from 'vitest';
import { curlCommand, describeDemo, exampleQueries } from '../../scripts/demo-guide.ts';
import { readSource } from '../support/source-files.ts';

describe('the guide that npm start prints', () => {
  it.each(Object.entries(exampleQueries))('asks the %s server only what its schema has', (client, query) => {
    const schema = buildSchema(readSource(`schema/generated/${client}/schema.graphql`));
    expect(validate(schema, parse(query))).toEqual([]);
  });

  it('names every address, and the settings that differ from production', async () => {
    const guide = await describeDemo({ shop: 4100, mobile: 4001, web: 4002, images: 4003 });
    expect(guide).toContain('http://127.0.0.1:4001/graphql');
    expect(guide).toContain('http://127.0.0.1:4002/graphql');
    expect(guide).toContain('http://127.0.0.1:4100/services');
    expect(guide).toContain('a breaker stays open for 5 s (60 s in production)');
  });

  it('quotes for a shell: a query holds nothing that ends the quotation', () => {
    expect(Object.values(exampleQueries).filter((query) => query.includes("'"))).toEqual([]);
    expect(curlCommand('http://127.0.0.1:1/graphql', '{ a(b: "c") }', 't')).toBe(
      `curl -s http://127.0.0.1:1/graphql -H 'content-type: application/json' -H 'authorization: Bearer t' -d '{"query":"{ a(b: \\"c\\") }"}'`,
    );
  });
});
