package preview

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"scaidrive/engine/preview/render"
)

// An order is what the child is told, as its one argument in JSON. The bytes of the
// file come on standard input.
type order struct {
	Prepare bool          `json:"prepare,omitempty"` // compile the PDF engine, nothing else
	Engine  string        `json:"engine"`            // directory of the compiled PDF engine
	Page    int           `json:"page,omitempty"`
	Size    int           `json:"size,omitempty"`
	Render  render.Limits `json:"render"`
	CPU     int64         `json:"cpu"`    // seconds
	Wall    int64         `json:"wall"`   // nanoseconds
	Memory  int64         `json:"memory"` // bytes: where the collector begins to hurry
	Mapped  int64         `json:"mapped"` // bytes

	// Unconfined leaves the filter on system calls out.
	Unconfined bool `json:"unconfined,omitempty"`
}

func (o order) args() ([]string, error) {
	b, err := json.Marshal(o)
	if err != nil {
		return nil, err
	}
	return []string{Command, string(b)}, nil
}

func parseOrder(args []string) (order, error) {
	var o order
	if len(args) != 1 {
		return o, fmt.Errorf("%d arguments", len(args))
	}
	err := json.Unmarshal([]byte(args[0]), &o)
	return o, err
}

// An answer is what the child writes to standard output, once, at its end:
//
//	0   4  "SDPV"
//	4   1  reason of a refusal, 0: a rendition follows
//	5   1  media
//	6   2  0
//	8   4  pages of the file
//	12  4  length
//	16     the rendition, or words about the refusal for the log
//
// Integers are little-endian. Nothing follows.
type answer struct {
	reason  render.Reason
	media   render.Media
	pages   uint32
	payload []byte
}

const (
	answerMagic = "SDPV"
	answerHead  = 16
	maxDetail   = 1 << 10
)

func (a answer) writeTo(w io.Writer) error {
	b := make([]byte, answerHead, answerHead+len(a.payload))
	copy(b, answerMagic)
	b[4], b[5] = byte(a.reason), byte(a.media)
	binary.LittleEndian.PutUint32(b[8:], a.pages)
	binary.LittleEndian.PutUint32(b[12:], uint32(len(a.payload)))
	_, err := w.Write(append(b, a.payload...))
	return err
}

var errAnswer = errors.New("not an answer")

// parseAnswer trusts nothing: by then the child may be anyone's.
func parseAnswer(b []byte, maxOutput int) (answer, error) {
	if len(b) < answerHead || string(b[:4]) != answerMagic || b[6] != 0 || b[7] != 0 {
		return answer{}, errAnswer
	}
	a := answer{reason: render.Reason(b[4]), media: render.Media(b[5]),
		pages: binary.LittleEndian.Uint32(b[8:]), payload: b[answerHead:]}
	if int64(binary.LittleEndian.Uint32(b[12:])) != int64(len(a.payload)) {
		return answer{}, errAnswer
	}
	if a.reason != 0 {
		if len(a.payload) > maxDetail {
			return answer{}, errAnswer
		}
		return a, nil
	}
	if a.media != render.JPEG && a.media != render.PNG || len(a.payload) == 0 || len(a.payload) > maxOutput || a.pages < 1 {
		return answer{}, errAnswer
	}
	return a, nil
}
