package journal

import (
	"encoding/hex"
	"errors"
	"strconv"
	"strings"

	"scaidrive/engine"
	"scaidrive/engine/access"
	"scaidrive/engine/meta/schema"
)

// epochShift leaves 36 bits for the sequence and 17 for the epoch, so that a
// cursor stays below 2^53 and is exact in every client's numbers.
const epochShift = 36

const maxSeq = 1<<epochShift - 1

// Why a cursor is of no use any more.
const (
	GoneExpired = "expired" // the row is no longer kept
	GoneRewound = "rewound" // the store is not what it was when the cursor was given
	GoneForeign = "foreign" // it is another store's
	// GoneWithdrawn: the share is there, and whoever followed it sees it no more. It
	// stands with KindNotFound, as if there were no such share.
	GoneWithdrawn = "withdrawn"
)

// A GoneError says that a cursor can't be followed. It is of KindGone, but for
// GoneWithdrawn.
type GoneError struct {
	Reason string // GoneExpired, GoneRewound, GoneForeign or GoneWithdrawn
	err    error
}

func (e *GoneError) Error() string { return e.err.Error() }

// Unwrap gives the engine's error.
func (e *GoneError) Unwrap() error { return e.err }

func gone(reason string) error {
	return &GoneError{reason, engine.E(engine.KindGone, "The cursor can't be followed any more (%s): list the share again", reason)}
}

// Cursor turns a share's sequence number into the integer cursor of the contract:
// the store's epoch in the upper bits.
func (s *Service) Cursor(seq uint64) int64 { return int64(s.epoch)<<epochShift | int64(seq) }

// EpochAt is what goes with a cursor: the store's epoch, and a tag of the row at
// the cursor, so that a store that was rolled back is noticed by the rows that it
// lacks or has instead. The text is opaque to clients.
func (s *Service) EpochAt(r schema.Reader, t engine.TenantNo, share engine.ID, seq uint64) (string, error) {
	epoch := "e" + strconv.FormatUint(uint64(s.epoch), 10)
	if seq == 0 {
		return epoch, nil
	}
	c, err := schema.GetChange(r, t, share, seq)
	if errors.Is(err, schema.ErrNotFound) {
		return epoch, nil // thinned out: the cursor holds, without a tag
	}
	if err != nil {
		return "", err
	}
	return epoch + "." + tagOf(c), nil
}

// mark is a mark in a share, with how the caller stands there: so that who comes
// back with it learns when what they see is not what it was, whether they joined a
// group or left one, or their role changed or ended by the clock. No row tells that.
func (s *Service) mark(r schema.Reader, p *engine.Principal, sh *engine.Share, seq uint64) (m Mark, err error) {
	m.Cursor = s.Cursor(seq)
	if m.Epoch, err = s.EpochAt(r, p.Tenant, sh.ID, seq); err != nil {
		return m, err
	}
	standing, _, err := access.Tag(r, p, sh)
	m.Epoch = withStanding(m.Epoch, standing)
	return m, err
}

// The parts of an epoch are the store's, the tag of a row, and the caller's standing;
// the last two may be left out.
func withStanding(epoch, standing string) string {
	if standing == "" {
		return epoch
	}
	if !strings.Contains(epoch, ".") {
		epoch += "."
	}
	return epoch + "." + standing
}

func standingIn(epoch string) string {
	_, rest, _ := strings.Cut(epoch, ".")
	_, standing, _ := strings.Cut(rest, ".")
	return standing
}

// KeepStanding gives an epoch the standing of one that its holder came with: an
// answer that shows them no rows must not hide that it changed.
func KeepStanding(epoch, from string) string { return withStanding(epoch, standingIn(from)) }

// withdrawn tells somebody who does not see a share whether they did follow it, by the
// cursor and the epoch that they come with: the tag of a row is random, and only who was
// told of it has it. Without that, and of a share that was deleted, nothing is told: a
// client removes what it has of a share only when it is certain that it was withdrawn
// and is not lost.
func (s *Service) withdrawn(r schema.Reader, p *engine.Principal, f *Follow, err error) error {
	if f.Cursor == nil || engine.KindOf(err) != engine.KindNotFound {
		return err
	}
	_, tag, _ := strings.Cut(f.Epoch, ".")
	tag, _, _ = strings.Cut(tag, ".")
	sh, serr := schema.GetShare(r, p.Tenant, f.Share)
	if tag == "" || serr != nil || !sh.DeletedAt.IsZero() {
		return err
	}
	seq, perr := s.position(r, p.Tenant, sh, *f.Cursor, f.Epoch)
	if perr != nil || seq == 0 {
		return err
	}
	if c, cerr := schema.GetChange(r, p.Tenant, sh.ID, seq); cerr != nil || tagOf(c) != tag {
		return err
	}
	return &GoneError{GoneWithdrawn, err}
}

// tagOf is the random end of a row's ID.
func tagOf(c *engine.Change) string { return hex.EncodeToString(c.ID[8:]) }

// position turns a cursor and, where it was told, its epoch into a sequence number
// of a share, or says why it can't be followed.
func (s *Service) position(r schema.Reader, t engine.TenantNo, sh *engine.Share, cursor int64, epoch string) (uint64, error) {
	if cursor < 0 || cursor >= 1<<53 {
		return 0, engine.Invalid("cursor", "A cursor is a number that this server gave")
	}
	seq, of := uint64(cursor)&maxSeq, uint64(cursor)>>epochShift
	name, tag, _ := strings.Cut(epoch, ".")
	tag, _, _ = strings.Cut(tag, ".")
	told := of
	if epoch != "" {
		n, err := strconv.ParseUint(strings.TrimPrefix(name, "e"), 10, 32)
		if err != nil || name[0] != 'e' {
			return 0, gone(GoneForeign)
		}
		told = n
	}
	switch {
	case of > uint64(s.epoch), told > uint64(s.epoch):
		return 0, gone(GoneForeign)
	case of < uint64(s.epoch), told < uint64(s.epoch), seq > sh.Seq:
		return 0, gone(GoneRewound)
	case seq < sh.LogFloor:
		return 0, gone(GoneExpired)
	case seq == 0:
		return 0, s.kept(r, t, sh, 0)
	}
	c, err := schema.GetChange(r, t, sh.ID, seq)
	switch {
	case errors.Is(err, schema.ErrNotFound):
		return seq, s.kept(r, t, sh, seq)
	case err != nil:
		return 0, err
	case tag != "" && tagOf(c) != tag:
		return 0, gone(GoneRewound)
	}
	return seq, nil
}

// kept answers nil if the rows behind a sequence number are all kept.
func (s *Service) kept(r schema.Reader, t engine.TenantNo, sh *engine.Share, seq uint64) error {
	if seq == sh.Seq {
		return nil
	}
	next := uint64(0)
	err := schema.ScanChanges(r, t, sh.ID, seq, func(c *engine.Change) (bool, error) {
		next = c.Seq
		return false, nil
	})
	if err == nil && next != seq+1 {
		err = gone(GoneExpired)
	}
	return err
}
