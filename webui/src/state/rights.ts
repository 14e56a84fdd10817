// The bits of an item's permissions, as the API has them.
import type { Item } from '../api/types_gen';

export const rights = { read: 1, write: 2, delete: 4, create: 8, share: 16, manage: 32 } as const;

/** Reports whether the person has a right on all items; what is not told is not refused. */
export const may = (items: readonly Item[], right: number): boolean => items.every((i) => i.permissions === undefined || (i.permissions & right) === right);
