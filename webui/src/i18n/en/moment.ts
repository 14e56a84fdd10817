// Putting a folder back to a moment.
import type { Format } from '../format';

export default (f: Format) => {
  const items = (n: number) => f.count(n, { one: '# item', other: '# items' });
  return {
    open: 'Put back to a moment…',
    title: (name: string) => (name ? `Put ${f.q(name)} back to a moment` : 'Put back to a moment'),
    close: 'Back to the folder',
    asItWas: 'The folder as it was',
    now: 'Now',
    moment: 'Moment',
    before: 'Change before',
    after: 'Change after',
    noEarlier: 'Nothing older is shown',
    noLater: 'This is now',
    older: 'Show older changes',
    server: 'the server',
    justBefore: (n: number, who: string) => `Just before ${f.count(n, { one: '# change', other: '# changes' })} by ${who}`,
    next: (n: number, name: string, who: string, when: string) => (n === 1 ? `Just after this moment ${who} changed ${f.q(name)}, ${when}.` : `Just after this moment ${who} changed ${items(n)}, ${f.q(name)} among them, ${when}.`),
    massGone: (n: number) => `Just after this moment, ${items(n)} were deleted in one go.`,
    by: (who: string, when: string) => `By ${who}, ${when}.`,
    choose: 'Move the slider to the moment that you want back. Arrow keys go from change to change, Page keys from day to day.',
    planFailed: (why: string) => `What would happen can’t be told: ${why}`,
    failed: 'What happened in here didn’t load',
    nothing: 'Nothing has happened here yet',
    nothingText: 'When something changes in this folder, it can be put back from here.',
    same: 'Nothing differs from that moment',
    seen: 'People who work here see the change at once. It can be undone as a whole.',
    put: (n: number) => `Put ${items(n)} back`,
    going: (done: number, total: number) => `Putting ${f.number(done)} of ${f.number(total)} back`,
    done: (n: number, name: string) => `${items(n)} of ${f.q(name)} put back`,
    undone: (n: number) => f.count(n, { one: '# item is as it was before', other: '# items are as they were before' }),
    number: (n: number) => f.number(n),
    parts: { restored: 'come back from the trash', reverted: 'go back to a version', moved: 'move or get their old name', trashed: 'are newer and go to the trash' },
    does: { restored: 'Comes back', reverted: 'Back to the version of then', moved: 'Back to its place', trashed: 'Newer, goes to the trash' } as Record<string, string>,
    from: (path: string) => `Is ${f.q(path)} now`,
    lost: (n: number) => f.count(n, { one: '# item was deleted for good and can’t come back.', other: '# items were deleted for good and can’t come back.' }),
    item: 'Item',
    whatHappens: 'What happens',
    furtherItems: (n: number) => `And ${items(n)} more`,
  };
};
