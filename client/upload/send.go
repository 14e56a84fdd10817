package upload

import (
	"context"
	"errors"
	"fmt"

	"scaidrive/httpd/wire"
)

// sendTries is how often chunks are sent of which others arrived.
const sendTries = 3

// sendWindow sends what the server lacks of a window, and proves what it may have
// but does not know this user to have.
func (p *Pipe) sendWindow(ctx context.Context, w *window) error {
	ask, send := sortChunks(w)
	if len(ask) > 0 {
		q, err := p.API.Query(ctx, p.Share, ask)
		if err != nil {
			return fmt.Errorf("ask which chunks are missing: %w", err)
		}
		missing := make(map[wire.Hash]struct{}, len(q.Missing))
		for _, h := range q.Missing {
			missing[h] = struct{}{}
		}
		for i := range w.chunks {
			c := &w.chunks[i]
			if _, ok := missing[c.hash]; !ok || c.inBase() {
				continue
			}
			if _, forced := c.of.file.Force[c.hash]; forced {
				continue
			}
			if f := c.of.file; f.Prove || f.Force != nil || c.offset+int64(c.size) <= f.Provable.Load() {
				c.prove(w, q.Nonce)
			} else {
				send[c.hash] = struct{}{}
			}
		}
	}
	var list [][]byte
	var n int64
	left := make(map[wire.Hash]struct{}, len(send))
	for h := range send {
		left[h] = struct{}{}
	}
	for i := range w.chunks {
		c := &w.chunks[i]
		if _, ok := left[c.hash]; ok {
			delete(left, c.hash)
			list = append(list, c.bytes(w))
			n += int64(c.size)
		}
	}
	p.ChunksKnown.Add(int64(len(w.chunks) - len(list)))
	if err := p.send(ctx, list, n, send); err != nil {
		return err
	}
	close(w.sent)
	return nil
}

func (c *windowChunk) inBase() bool {
	_, ok := c.of.inBase[c.hash]
	return ok
}

// sortChunks tells which chunks to ask for, and which to send unasked because
// the server has said that it lacks them. What is in the base version is forced
// only: a base can be lost, too.
func sortChunks(w *window) (ask []wire.Hash, send map[wire.Hash]struct{}) {
	send = map[wire.Hash]struct{}{}
	asked := make(map[wire.Hash]struct{}, len(w.chunks))
	for i := range w.chunks {
		c := &w.chunks[i]
		if _, ok := c.of.file.Force[c.hash]; ok {
			send[c.hash] = struct{}{}
			continue
		}
		if c.inBase() {
			continue // the server finds it in the base version
		}
		if _, ok := asked[c.hash]; !ok {
			asked[c.hash] = struct{}{}
			ask = append(ask, c.hash)
		}
	}
	return ask, send
}

// send sends chunks and compares what the server received.
func (p *Pipe) send(ctx context.Context, list [][]byte, n int64, want map[wire.Hash]struct{}) error {
	if len(list) == 0 {
		return nil
	}
	if p.Wait != nil {
		if err := p.Wait(ctx, n); err != nil {
			return err
		}
	}
	for range sendTries {
		got, err := p.API.SendChunks(ctx, p.Share, list)
		if err != nil {
			return fmt.Errorf("send chunks: %w", err)
		}
		arrived := 0
		for _, c := range got.Chunks {
			if _, ok := want[c.SHA256]; ok {
				arrived++
			}
		}
		if arrived == len(list) {
			p.ChunksSent.Add(int64(len(list)))
			p.BytesSent.Add(n)
			return nil
		}
	}
	return errors.New("send chunks: the server received other bytes than were sent")
}
