package schema

import (
	"bytes"

	"scaidrive/engine"
)

// owns are the tables whose keys begin with a tenant and a user, and whose rows mean
// nothing without that user.
func owns() []Table {
	return []Table{Devices, DeviceShares, Outcomes, OutcomeRounds, Favourites, Recents, Notices}
}

// ForgetUser removes what only a user who is gone could have used: service tokens,
// devices and what is remembered of them, favourites and what was recent; at most left
// rows. It returns how many more there could be; 0: perhaps not all is gone.
func ForgetUser(w Writer, t engine.TenantNo, user engine.ID, left int) (int, error) {
	var tokens []*engine.ServiceToken
	err := ScanServiceTokens(w, t, user, func(s *engine.ServiceToken) (bool, error) {
		tokens = append(tokens, s)
		return len(tokens) <= left, nil
	})
	if err != nil {
		return 0, err
	}
	for _, s := range tokens {
		if left--; left <= 0 {
			return 0, nil
		}
		if err := DeleteServiceToken(w, t, s); err != nil {
			return 0, err
		}
	}
	prefix := tenantKey(t, 0, user)
	for _, table := range owns() {
		var keys [][]byte
		err := w.Scan(table, prefix, prefixEnd(prefix), func(k, _ []byte) (bool, error) {
			keys = append(keys, bytes.Clone(k))
			return len(keys) <= left, nil
		})
		if err != nil {
			return 0, err
		}
		for _, k := range keys {
			if left--; left <= 0 {
				return 0, nil
			}
			if err := w.Delete(table, k); err != nil {
				return 0, err
			}
		}
	}
	return left, nil
}
