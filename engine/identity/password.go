package identity

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"golang.org/x/crypto/argon2"
	"golang.org/x/text/unicode/norm"

	"scaidrive/engine"
)

// maxPassword is the longest password, in bytes.
const maxPassword = 1024

// maxHashes is how many password hashes are computed at the same time.
const maxHashes = 2

// Cost is what a password hash takes.
type Cost struct {
	MemoryKiB uint32
	Passes    uint32
	Lanes     uint8
}

// DefaultCost is sized for a machine with 2 GB: two hashes at a time take 38 MiB.
func DefaultCost() Cost { return Cost{MemoryKiB: 19456, Passes: 2, Lanes: 1} }

// Bounds of a stored hash: what is above was never made here and would let a
// changed record take the machine's memory.
const (
	maxMemoryKiB = 1 << 20
	maxPasses    = 64
	maxLanes     = 16
	saltSize     = 16
	keySize      = 32
)

// checkPassword holds a new password to the rules: length, and not a common one.
// There are no rules of composition. min is in characters.
func checkPassword(password string, min int) error {
	switch n := utf8.RuneCountInString(password); {
	case len(password) > maxPassword:
		return engine.Invalid("password", "Must have at most %d bytes", maxPassword)
	case !utf8.ValidString(password):
		return engine.Invalid("password", "Must be UTF-8")
	case n < min || n == 0:
		return engine.Invalid("password", "Must have at least %d characters", max(min, 1))
	case isCommon(password):
		return engine.Invalid("password", "Is one of the passwords that are tried first; choose another")
	}
	return nil
}

// A phc is an argon2id hash with what it was made with.
type phc struct {
	cost Cost
	salt []byte
	key  []byte
}

// String gives the PHC form.
func (h *phc) String() string {
	b64 := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version,
		h.cost.MemoryKiB, h.cost.Passes, h.cost.Lanes, b64.EncodeToString(h.salt), b64.EncodeToString(h.key))
}

var errPHC = errors.New("not an argon2id hash in PHC form")

// parsePHC reads the PHC form, in the one spelling that String gives.
func parsePHC(s string) (*phc, error) {
	parts := strings.Split(s, "$")
	if len(parts) != 6 || parts[0] != "" || parts[1] != "argon2id" || parts[2] != fmt.Sprintf("v=%d", argon2.Version) {
		return nil, errPHC
	}
	h := new(phc)
	if _, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &h.cost.MemoryKiB, &h.cost.Passes, &h.cost.Lanes); err != nil {
		return nil, errPHC
	}
	var err1, err2 error
	h.salt, err1 = base64.RawStdEncoding.DecodeString(parts[4])
	h.key, err2 = base64.RawStdEncoding.DecodeString(parts[5])
	c := h.cost
	switch {
	case err1 != nil, err2 != nil, h.String() != s:
		return nil, errPHC
	case c.MemoryKiB < 8*uint32(c.Lanes), c.MemoryKiB > maxMemoryKiB, c.Passes < 1, c.Passes > maxPasses,
		c.Lanes < 1, c.Lanes > maxLanes, len(h.salt) < 8, len(h.salt) > 64, len(h.key) < 16, len(h.key) > 64:
		return nil, errPHC
	}
	return h, nil
}

// A hasher computes password hashes, two at a time.
type hasher struct {
	cost  Cost
	rand  io.Reader
	slots chan struct{}
	// decoy is verified where there is no hash, so that this takes as long. No
	// password matches it but by guessing 256 random bits.
	decoy *phc
}

func newHasher(cost Cost, random io.Reader) (*hasher, error) {
	if random == nil {
		random = rand.Reader
	}
	h := &hasher{cost: cost, rand: random, slots: make(chan struct{}, maxHashes)}
	h.decoy = &phc{cost: cost, salt: make([]byte, saltSize), key: make([]byte, keySize)}
	if _, err := io.ReadFull(random, h.decoy.salt); err != nil {
		return nil, err
	}
	if _, err := io.ReadFull(random, h.decoy.key); err != nil {
		return nil, err
	}
	if _, err := parsePHC(h.decoy.String()); err != nil {
		return nil, fmt.Errorf("cost %+v: out of range", cost)
	}
	return h, nil
}

// acquire waits for one of the slots.
func (h *hasher) acquire(ctx context.Context) error {
	select {
	case h.slots <- struct{}{}:
		return nil
	case <-ctx.Done():
		return tooMany(ctx.Err())
	}
}

// tooMany says that somebody has waited for as long as they may.
func tooMany(cause error) error {
	return &engine.Error{Op: "identity", Kind: engine.KindUnavailable,
		Msg: "Too many sign-ins at the same time; try again", Err: cause}
}

func (h *hasher) release() { <-h.slots }

// derive computes argon2id over the NFC form, so that a password typed on another
// system is the same.
func derive(password string, salt []byte, c Cost, size int) []byte {
	return argon2.IDKey(norm.NFC.Bytes([]byte(password)), salt, c.Passes, c.MemoryKiB, c.Lanes, uint32(size))
}

// hash makes a new hash in PHC form.
func (h *hasher) hash(ctx context.Context, password string) (string, error) {
	p := &phc{cost: h.cost, salt: make([]byte, saltSize)}
	if _, err := io.ReadFull(h.rand, p.salt); err != nil {
		return "", fmt.Errorf("identity: random bytes: %w", err)
	}
	if err := h.acquire(ctx); err != nil {
		return "", err
	}
	defer h.release()
	p.key = derive(password, p.salt, p.cost, keySize)
	return p.String(), nil
}

// verify reports whether a password belongs to a hash in PHC form. An empty or
// unreadable hash and an impossible password take as long and match nothing.
func (h *hasher) verify(ctx context.Context, stored, password string) (bool, error) {
	p, err := parsePHC(stored)
	possible := err == nil
	if !possible {
		p = h.decoy
	}
	if len(password) > maxPassword || !utf8.ValidString(password) {
		password, possible = "", false
	}
	if err := h.acquire(ctx); err != nil {
		return false, err
	}
	defer h.release()
	key := derive(password, p.salt, p.cost, len(p.key))
	return subtle.ConstantTimeCompare(key, p.key) == 1 && possible, nil
}
