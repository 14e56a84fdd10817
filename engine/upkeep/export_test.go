package upkeep

import "context"

// Count counts the days that have gone by.
func (k *Keeper) Count(ctx context.Context) (bool, error) { return k.count(ctx) }
