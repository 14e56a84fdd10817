package test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"net/http"
	"testing"
	"time"
)

// keyed makes a share with an Idempotency-Key; names need not be unique, so that
// a second effect would be a second share.
func (a *api) keyed(key string) (id string, status int, err error) {
	req, err := http.NewRequest("POST", a.url+"/api/v1/shares", bytes.NewReader([]byte(`{"name":"Keyed","share_type":"project"}`)))
	if err != nil {
		return "", 0, err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Idempotency-Key", key)
	var out object
	status, err = a.do(req, &out)
	return out.ID, status, err
}

// TestKeysSurviveKills kills the server while it carries out keyed requests, and
// sends all of them again: each has one effect, and an answer that was given is
// given again.
func TestKeysSurviveKills(t *testing.T) {
	data := t.TempDir()
	s := start(t, data)
	answered := map[int]string{}
	sent := 0
	rounds := 4
	if testing.Short() {
		rounds = 1
	}
	for round := range rounds {
		a, err := s.api()
		if err != nil {
			t.Fatal(err)
		}
		broken := make(chan struct{})
		go func() {
			defer close(broken)
			for ; ; sent++ {
				id, _, err := a.keyed(fmt.Sprint("key-", sent))
				if err != nil {
					sent++ // carried out or not: nobody knows
					return
				}
				answered[sent] = id
			}
		}()
		wait := time.Duration(20+rand.IntN(80)) * time.Millisecond
		select {
		case <-time.After(wait): // the moment of the kill
		case <-broken:
			t.Fatal("requests failed before the kill")
		}
		s.kill()
		<-broken
		s = start(t, data)
		if a, err = s.api(); err != nil {
			t.Fatal(err)
		}
		for i := range sent {
			id, status, err := a.keyed(fmt.Sprint("key-", i))
			if err != nil || status != 201 {
				t.Fatalf("round %d, key %d: %d, %v", round, i, status, err)
			}
			if was, ok := answered[i]; ok && was != id {
				t.Errorf("round %d, key %d: %s, before the kill %s", round, i, id, was)
			}
			answered[i] = id
		}
		var shares struct {
			Total int `json:"total"`
		}
		if _, err := a.call("GET", "/shares?limit=1", nil, &shares); err != nil || shares.Total != sent+1 { // and the personal one
			t.Errorf("round %d: %d requests made %d shares, %v", round, sent, shares.Total-1, err)
		}
		t.Logf("round %d: killed after %s and %d requests", round, wait, sent)
	}
	s.stop()
}
