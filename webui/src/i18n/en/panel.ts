// The details beside a listing.
import type { Format } from '../format';

export default (f: Format) => ({
  tabs: { info: 'Info', access: 'Access', versions: 'Versions', activity: 'Activity' },
  sections: 'Sections of the details',
  failed: 'The details didn’t load',
  kind: 'Kind', size: 'Size', modified: 'Modified', made: 'Made', version: 'Version', where: 'Where', used: 'Used', checksum: 'SHA-256',
  share: 'Share',
  tags: 'Tags', noTags: 'No tags yet.', addTag: 'Add a tag', add: 'Add', removeTag: (tag: string) => `Take the tag ${tag} away`,
  tagLong: 'A tag has at most 64 bytes.', tagMany: 'At most 50 tags stand on a thing.', tagFailed: (why: string) => `The tags stay as they were: ${why}`,
  owner: (who: string) => `Owner: ${who}`,
  youCan: 'You can', youCanNothing: 'You can’t do anything here but see the name.',
  people: 'People in the share', peopleFailed: 'The people didn’t load',
  shareIt: 'Share', why: 'Why does a person have access?',
  noVersions: 'No versions', current: 'Current', versionNumber: (n: number) => `Version ${f.number(n)}`, by: (who: string) => `by ${who}`,
  restore: 'Restore', restoreOf: (n: number) => `Restore version ${f.number(n)}`, download: 'Download', downloadOf: (n: number) => `Download version ${f.number(n)}`,
  restored: (name: string, n: number, now: number) => `${f.q(name)} has the content of version ${f.number(n)} again, as version ${f.number(now)}`,
  restoreFailed: (name: string, why: string) => `${f.q(name)} stays as it is: ${why}`, downloadFailed: (why: string) => `The version wasn’t saved: ${why}`,
  noWrite: 'You may only read this', versionsFailed: 'The versions didn’t load',
  versionName: (stem: string, n: number, ending: string) => `${stem} (version ${n})${ending}`,
  comments: 'Comments', noComments: 'No comments yet.', comment: 'Comment', write: 'Write a comment', edit: 'Edit', save: 'Save', remove: 'Delete', edited: 'edited',
  editOf: (who: string) => `Edit the comment of ${who}`, removeOf: (who: string) => `Delete the comment of ${who}`, commentOf: (who: string) => `Comment of ${who}`,
  commentFailed: (why: string) => `The comment isn’t there: ${why}`, commentStays: (why: string) => `The comment stays as it was: ${why}`, commentsFailed: 'The comments didn’t load',
  removed: 'The comment is deleted.',
  history: 'What happened', nothing: 'Nothing happened here yet.', historyFailed: 'What happened here didn’t load', more: 'Show more', server: 'The server',
  did: {
    created: (who: string, name: string) => `${who} made ${name}`, updated: (who: string, name: string) => `${who} changed ${name}`, deleted: (who: string, name: string) => `${who} deleted ${name}`,
    moved: (who: string, name: string) => `${who} moved ${name}`, renamed: (who: string, name: string) => `${who} renamed ${name}`, access: (who: string, name: string) => `${who} changed who may see ${name}`,
  },
  something: 'something',
});
