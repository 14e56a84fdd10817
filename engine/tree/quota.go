package tree

import (
	"errors"

	"scaidrive/engine"
	"scaidrive/engine/meta/schema"
)

// room checks that a share, and the user who owns it, can take more bytes. The levels
// that a byte counts at are compared in the mutation that adds it, so that no two
// writers can pass a limit together.
func (b *Batch) room(sh *engine.Share, more int64) error { return b.roomFrom(sh, nil, more) }

// roomFrom is room for bytes that leave another share in the same step.
func (b *Batch) roomFrom(sh, from *engine.Share, more int64) error {
	if more <= 0 {
		return nil
	}
	if sh.QuotaBytes >= 0 && more > sh.QuotaBytes-sh.UsedBytes {
		return over("share", sh.UsedBytes, sh.QuotaBytes, more)
	}
	if sh.OwnerKind != engine.PrincipalUser || from != nil && from.OwnerKind == sh.OwnerKind && from.Owner == sh.Owner {
		return nil
	}
	limit, err := b.userQuota(sh.Owner)
	if err != nil || limit == 0 {
		return err
	}
	used, err := b.usedBy(sh.Owner)
	if err == nil && more > limit-used {
		err = over("user", used, limit, more)
	}
	return err
}

func over(level string, used, limit, more int64) error {
	return engine.E(engine.KindNoSpace, "Quota exceeded at level %s: %d of %d bytes are used, %d more are needed", level, used, limit, more)
}

// userQuota is how many bytes the shares of a user may count; 0: any number.
func (b *Batch) userQuota(user engine.ID) (int64, error) {
	set, err := b.settings()
	if err != nil {
		return 0, err
	}
	u, err := schema.GetUser(b.r, b.p.Tenant, user)
	if errors.Is(err, schema.ErrNotFound) {
		return set.DefaultUserQuota, nil
	}
	if err != nil {
		return 0, err
	}
	return u.Quota(set), nil
}

// usedBy adds up what the shares of a user count, deleted ones too, as this batch has
// left them.
func (b *Batch) usedBy(user engine.ID) (int64, error) {
	stored, ok := b.owned[user]
	if !ok {
		stored = map[engine.ID]int64{}
		err := schema.ScanSharesOf(b.r, b.p.Tenant, user, engine.ID{}, func(ref *engine.ShareRef) (bool, error) {
			if !ref.Owner {
				return true, nil
			}
			sh, err := schema.GetShare(b.r, b.p.Tenant, ref.Share)
			if errors.Is(err, schema.ErrNotFound) {
				return false, engine.E(engine.KindDamaged, "a share in its owner's list is missing")
			}
			if err == nil {
				stored[sh.ID] = sh.UsedBytes
			}
			return true, err
		})
		if err != nil {
			return 0, err
		}
		if b.owned == nil {
			b.owned = map[engine.ID]map[engine.ID]int64{}
		}
		b.owned[user] = stored
	}
	var sum int64
	for id, used := range stored {
		if st := b.shares[id]; st != nil {
			used = st.share.UsedBytes
		}
		sum += used
	}
	return sum, nil
}
