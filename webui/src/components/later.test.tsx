import { renderToString } from 'react-dom/server';
import { expect, test } from 'vitest';
import { later } from './later';

test('code that is there is drawn at once, and what failed is tried again', async () => {
  let tries = 0;
  const Part = later(async () => {
    if (++tries === 1) throw new Error('no connection');
    return { default: ({ name }: { name: string }) => <b>{name}</b> };
  }, <i>waiting</i>);
  expect(renderToString(<Part name="x" />)).toBe('<i>waiting</i>');
  await expect(Part.load()).rejects.toThrow('no connection');
  expect(renderToString(<Part name="x" />)).toBe('<i>waiting</i>');
  await Part.load();
  await Part.load();
  expect(renderToString(<Part name="x" />)).toBe('<b>x</b>');
  expect(tries).toBe(2);
});
