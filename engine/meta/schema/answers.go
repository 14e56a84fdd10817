package schema

import (
	"encoding/binary"

	"scaidrive/engine"
)

const hashSize = 32 // of a SHA-256 in a key

func answerFields(c *codec, a *engine.Answer) {
	c.hash(1, "request", &a.Request)
	c.hash(2, "fingerprint", &a.Fingerprint)
	unsigned(c, 3, "status", &a.Status)
	c.time(4, "at", &a.At)
	c.id(5, "id", &a.ID)
	unsigned(c, 6, "version", &a.Version)
	c.id(7, "version_id", &a.VersionID)
	c.extra(&a.Extra)
}

// An AnswerRef says which of a user's answers is that of a request. That of the
// request of zeros is none: it holds the numbers of the user's queue.
type AnswerRef struct {
	Seq   uint64 // of the queue: the number that was given last
	First uint64 // of the queue alone: the number of the oldest answer that is kept

	Extra engine.Extra
}

func answerRefFields(c *codec, r *AnswerRef) {
	unsigned(c, 1, "seq", &r.Seq)
	unsigned(c, 2, "first", &r.First)
	c.extra(&r.Extra)
}

// AnswerKey is the key of a user's answer.
func AnswerKey(t engine.TenantNo, user engine.ID, seq uint64) []byte {
	return binary.BigEndian.AppendUint64(tenantKey(t, seqSize, user), seq)
}

// AnswerRefKey is the key of the reference of a request.
func AnswerRefKey(t engine.TenantNo, user engine.ID, request [32]byte) []byte {
	return append(tenantKey(t, hashSize, user), request[:]...)
}

// GetAnswer reads a user's answer by its number.
func GetAnswer(r Reader, t engine.TenantNo, user engine.ID, seq uint64) (*engine.Answer, error) {
	a, err := get(r, Answers, AnswerKey(t, user, seq), answerFields)
	if err == nil {
		a.User, a.Seq = user, seq
	}
	return a, err
}

// PutAnswer writes an answer; User and Seq are its key.
func PutAnswer(w Writer, t engine.TenantNo, a *engine.Answer) error {
	return put(w, Answers, AnswerKey(t, a.User, a.Seq), a, answerFields)
}

// DeleteAnswer removes an answer, but not the reference to it.
func DeleteAnswer(w Writer, t engine.TenantNo, user engine.ID, seq uint64) error {
	return w.Delete(Answers, AnswerKey(t, user, seq))
}

// GetAnswerRef reads the reference of a request.
func GetAnswerRef(r Reader, t engine.TenantNo, user engine.ID, request [32]byte) (*AnswerRef, error) {
	return get(r, AnswersByRequest, AnswerRefKey(t, user, request), answerRefFields)
}

// PutAnswerRef writes the reference of a request.
func PutAnswerRef(w Writer, t engine.TenantNo, user engine.ID, request [32]byte, ref *AnswerRef) error {
	return put(w, AnswersByRequest, AnswerRefKey(t, user, request), ref, answerRefFields)
}

// DeleteAnswerRef removes the reference of a request.
func DeleteAnswerRef(w Writer, t engine.TenantNo, user engine.ID, request [32]byte) error {
	return w.Delete(AnswersByRequest, AnswerRefKey(t, user, request))
}

// NextAnswerOwner finds the first user behind the one named who has answers;
// zeros are the beginning. ErrNotFound: there is none.
func NextAnswerOwner(r Reader, t engine.TenantNo, user engine.ID) (engine.TenantNo, engine.ID, error) {
	from := tenantKey(t, 0, user)
	if t != 0 {
		if from = prefixEnd(from); from == nil {
			return 0, engine.ID{}, ErrNotFound
		}
	}
	found := false
	err := scan(r, Answers, from, nil, tenantSize+idSize+seqSize, answerFields, func(k []byte, _ *engine.Answer) (bool, error) {
		found, t = true, tenantOf(k)
		copy(user[:], k[tenantSize:])
		return false, nil
	})
	if err == nil && !found {
		err = ErrNotFound
	}
	return t, user, err
}
