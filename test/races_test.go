package test

import (
	"bytes"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
)

const racers = 50

// race runs racers at once; one may win, with a status below 300, all others get
// one of lost. It gives the winner's number.
func race(t *testing.T, name string, lost []int, run func(i int) int) (winner int) {
	t.Helper()
	codes := make([]int, racers)
	var wg sync.WaitGroup
	begin := make(chan struct{})
	for i := range racers {
		wg.Go(func() { <-begin; codes[i] = run(i) })
	}
	close(begin)
	wg.Wait()
	winner = -1
	for i, code := range codes {
		switch {
		case code > 0 && code < 300 && winner < 0:
			winner = i
		case code > 0 && code < 300:
			t.Errorf("%s: %d and %d won", name, winner, i)
		case !slices.Contains(lost, code):
			t.Errorf("%s: racer %d got %d", name, i, code)
		}
	}
	if winner < 0 {
		t.Fatalf("%s: nobody won: %v", name, codes)
	}
	return winner
}

// with is call with headers; it gives the status alone.
func (a *api) with(method, path, body string, head ...string) int {
	req, err := http.NewRequest(method, a.url+"/api/v1"+path, strings.NewReader(body))
	if err != nil {
		return -1
	}
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i+1 < len(head); i += 2 {
		req.Header.Set(head[i], head[i+1])
	}
	code, _ := a.do(req, nil)
	return code
}

type usage struct {
	Used int64 `json:"used_bytes"`
}

// TestRacesOverHTTP: of fifty who want one name, or to follow one version, one
// gets it, and nothing is counted or listed twice.
func TestRacesOverHTTP(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir())
	a, err := s.api()
	if err != nil {
		t.Fatal(err)
	}
	share := a.share(t, "Races")
	// session uploads data in one part and gives the session.
	session := func(name, replace string, data []byte) string {
		t.Helper()
		var made struct {
			ID string `json:"session_id"`
		}
		in := map[string]any{"share_id": share, "file_name": name, "file_size": len(data), "chunk_size": 64 << 10}
		if replace != "" {
			in["replace_file_id"] = replace
		}
		if _, err := a.call("POST", "/uploads", in, &made); err != nil {
			t.Fatal(err)
		}
		req, _ := http.NewRequest("PUT", a.url+"/api/v1/uploads/"+made.ID+"/chunks/0", bytes.NewReader(data))
		if code, err := a.do(req, nil); code != 204 {
			t.Fatal(code, err)
		}
		return made.ID
	}
	content := func(i int) []byte { return []byte(fmt.Sprintf("content of racer %02d", i)) }
	names := func(folder string) (list []string) {
		t.Helper()
		all, err := a.children(share, folder)
		if err != nil {
			t.Fatal(err)
		}
		for _, o := range all {
			list = append(list, o.Name)
		}
		slices.Sort(list)
		return list
	}
	spelt := func(name string, i int) string {
		return []string{name, strings.ToUpper(name), strings.ToUpper(name[:1]) + name[1:]}[i%3]
	}

	// One name.
	race(t, "POST /files", []int{409}, func(i int) int {
		_, code, _ := a.post(share, "", spelt("posted", i), content(i))
		return code
	})
	race(t, "POST /folders", []int{409}, func(i int) int {
		return a.with("POST", "/folders", fmt.Sprintf(`{"share_id":%q,"name":%q}`, share, spelt("made", i)))
	})
	sessions := make([]string, racers)
	for i := range sessions {
		sessions[i] = session("completed", "", content(i))
	}
	w := race(t, "complete", []int{409}, func(i int) int { return a.with("POST", "/uploads/"+sessions[i]+"/complete", "") })
	for i, id := range sessions {
		if i != w {
			if code := a.with("DELETE", "/uploads/"+id, ""); code != 204 {
				t.Errorf("the session of a racer that lost: %d", code)
			}
		}
	}
	// Beside each other: files, folders, and folders that devices made, which are
	// the same as a folder that is there, and make way for a file.
	var made atomic.Int32
	var wg sync.WaitGroup
	for i := range racers {
		wg.Go(func() {
			code := 0
			switch i % 3 {
			case 0:
				_, code, _ = a.post(share, "", "mixed", content(i))
			case 1:
				code = a.with("POST", "/folders", fmt.Sprintf(`{"share_id":%q,"name":"mixed"}`, share))
			default:
				body := fmt.Sprintf(`{"device_id":"dev%d","share_id":%q,"changes":[{"client_ref":"1","resource_type":"folder","change_type":"created","name":"mixed"}]}`, i, share)
				if code := a.with("POST", "/sync/apply", body); code != 200 {
					t.Errorf("apply: %d", code)
				}
				return
			}
			if code == 201 {
				made.Add(1)
			} else if code != 409 {
				t.Errorf("everything at once: %d", code)
			}
		})
	}
	wg.Wait()
	if n := made.Load(); n > 1 {
		t.Errorf("everything at once: %d won", n)
	}
	var box object
	if _, err := a.call("POST", "/folders", map[string]any{"share_id": share, "name": "box"}, &box); err != nil {
		t.Fatal(err)
	}
	files := make([]object, racers)
	for i := range files {
		if files[i], _, err = a.post(share, box.ID, fmt.Sprintf("f%02d", i), content(i)); err != nil {
			t.Fatal(err)
		}
	}
	race(t, "rename", []int{409}, func(i int) int { return a.with("PATCH", "/files/"+files[i].ID, `{"name":"renamed"}`) })
	race(t, "move", []int{409}, func(i int) int {
		return a.with("POST", "/files/"+files[i].ID+"/move", fmt.Sprintf(`{"target_share_id":%q,"name":"moved"}`, share))
	})
	race(t, "copy", []int{409}, func(i int) int {
		return a.with("POST", "/files/"+files[i].ID+"/copy", fmt.Sprintf(`{"target_share_id":%q,"name":"copied"}`, share))
	})
	// What a device made and could not keep lies beside, under a name of its own.
	got := names("root")
	all := len(got)
	got = slices.DeleteFunc(slices.Compact(got), func(n string) bool { return strings.HasPrefix(n, "mixed (conflict, ") })
	if len(got) != 7 || all > 7+racers/3 {
		t.Errorf("the root holds %d, %v", all, got)
	}
	if got := names(box.ID); len(got) != racers-1 {
		t.Errorf("the folder holds %d files, not %d: %v", len(got), racers-1, got)
	}

	// Restored things make way for each other: all come back, each once.
	var back object
	if _, err := a.call("POST", "/folders", map[string]any{"share_id": share, "name": "back"}, &back); err != nil {
		t.Fatal(err)
	}
	gone := make([]string, racers)
	for i := range gone {
		o, _, err := a.post(share, back.ID, "same", content(i))
		if err != nil {
			t.Fatal(err)
		}
		if code := a.with("DELETE", "/files/"+o.ID, ""); code != 204 {
			t.Fatal(code)
		}
		gone[i] = o.ID
	}
	for _, id := range gone {
		wg.Go(func() {
			if code := a.with("POST", "/files/"+id+"/restore", ""); code != 200 {
				t.Errorf("restore: %d", code)
			}
		})
	}
	wg.Wait()
	if got := names(back.ID); len(slices.Compact(got)) != racers {
		t.Errorf("restored: %v", got)
	}
	a.with("DELETE", "/files/"+gone[0], "")
	for range racers {
		wg.Go(func() {
			if code := a.with("POST", "/files/"+gone[0]+"/restore", ""); code != 200 && code != 409 {
				t.Errorf("restore of one by many: %d", code)
			}
		})
	}
	wg.Wait()
	if got := names(back.ID); len(got) != racers || len(slices.Compact(got)) != racers {
		t.Errorf("restored by many: %v", got)
	}

	// One version.
	f, _, err := a.post(share, "", "followed", []byte("first"))
	if err != nil {
		t.Fatal(err)
	}
	tag := func() string {
		t.Helper()
		var list struct {
			Versions []struct {
				ID string `json:"id"`
			} `json:"versions"`
		}
		if _, err := a.call("GET", "/files/"+f.ID+"/versions", nil, &list); err != nil || len(list.Versions) == 0 {
			t.Fatal(err)
		}
		return `"` + list.Versions[0].ID + `"`
	}
	for i := range sessions {
		sessions[i] = session("followed", f.ID, content(i))
	}
	before := tag()
	w = race(t, "replace", []int{412}, func(i int) int {
		return a.with("POST", "/uploads/"+sessions[i]+"/complete", "", "If-Match", before)
	})
	if got, _, err := a.content(f.ID); err != nil || !bytes.Equal(got, content(w)) {
		t.Errorf("the winner was %d and the content is %q, %v", w, got, err)
	}
	before = tag()
	race(t, "restore of a version", []int{412}, func(i int) int {
		return a.with("POST", "/files/"+f.ID+"/versions/1/restore", "", "If-Match", before)
	})
	var versions struct {
		Total int `json:"total"`
	}
	if _, err := a.call("GET", "/files/"+f.ID+"/versions", nil, &versions); err != nil || versions.Total != 3 {
		t.Errorf("%d versions, want 3, %v", versions.Total, err)
	}
	// A name is no content: PATCH with the version seen does not exclude the
	// others, who set other names one after another; the last one stands.
	for i := range racers {
		if code := a.with("PATCH", "/files/"+f.ID, fmt.Sprintf(`{"name":"followed %d"}`, i), "If-Match", before); code != 412 {
			t.Errorf("PATCH against an old version: %d", code)
		}
	}

	// One idempotency key.
	codes := make([]int, racers)
	for i := range codes {
		wg.Go(func() {
			codes[i] = a.with("POST", "/folders", fmt.Sprintf(`{"share_id":%q,"name":"once"}`, share), "Idempotency-Key", "one-key")
		})
	}
	wg.Wait()
	first := 0
	for _, code := range codes {
		if code == 201 {
			first++
		} else if code != 409 {
			t.Errorf("one key: %d", code)
		}
	}
	if first == 0 {
		t.Error("one key: nobody made it")
	}

	// What is counted is what is there.
	var u usage
	if _, err := a.call("GET", "/shares/"+share, nil, &u); err != nil {
		t.Fatal(err)
	}
	t.Logf("used: %d bytes", u.Used)
	s.stop()
	c := newCLI(t)
	c.ok("verify", "--read-data", "--data", s.data)
}
