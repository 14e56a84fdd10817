package main

import (
	"fmt"
	"os"
	"time"
)

const (
	millionEntries = 1_000_000
	millionBatch   = 1000
)

// million fills a folder with a million files, by sync/apply, and measures what is
// said to cost the same for any folder.
func (b *bench) million() error {
	store, err := b.fresh("million")
	if err != nil {
		return err
	}
	defer os.RemoveAll(store)
	token, err := b.token()
	if err != nil {
		return err
	}
	share, err := b.benchShare(token)
	if err != nil {
		return err
	}
	var top, flat struct {
		ID string `json:"id"`
	}
	if err := b.call("POST", "/folders", token, map[string]string{"share_id": share, "name": "top"}, &top); err != nil {
		return err
	}
	if err := b.call("POST", "/folders", token, map[string]string{"parent_id": top.ID, "share_id": share, "name": "flat"}, &flat); err != nil {
		return err
	}
	begin := time.Now()
	for n := 0; n < millionEntries; n += millionBatch {
		if err := b.fill(token, share, flat.ID, n); err != nil {
			return err
		}
	}
	row("a folder filled with 1,000,000 empty files by sync/apply", "%.0f files/s; memory of the server %.0f MiB of its own, %.0f MiB of mapped files",
		millionEntries/time.Since(begin).Seconds(), b.serverMemory("RssAnon"), b.serverMemory("RssFile"))
	timed := func(method, path string, in any) (ms float64, err error) {
		t := time.Now()
		err = b.call(method, path, token, in, nil)
		return time.Since(t).Seconds() * 1e3, err
	}
	for _, order := range []string{"name", "size", "modified_at"} {
		var ms []float64
		for range 3 {
			t, err := timed("GET", "/folders/"+flat.ID+"/children?limit=100&share_id="+share+"&sort="+order, nil)
			if err != nil {
				return err
			}
			ms = append(ms, t)
		}
		row("page of 100 of 1,000,000, by "+order+": the first time, and again", "%.1f, %.1f ms", ms[0], min(ms[1], ms[2]))
	}
	var rename, trash, restore []float64
	for i := range 5 {
		t, err := timed("PATCH", "/folders/"+top.ID, map[string]string{"name": fmt.Sprintf("top %d", i)})
		if err != nil {
			return err
		}
		rename = append(rename, t)
		if t, err = timed("DELETE", "/folders/"+top.ID, nil); err != nil {
			return err
		}
		trash = append(trash, t)
		if t, err = timed("POST", "/folders/"+top.ID+"/restore", nil); err != nil {
			return err
		}
		restore = append(restore, t)
	}
	row("a folder above 1,000,001 objects: rename, trash, restore, medians of 5", "%.1f, %.1f, %.1f ms", median(rename), median(trash), median(restore))
	row("the longest of those", "%.1f, %.1f, %.1f ms", maxOf(rename), maxOf(trash), maxOf(restore))
	row("store of that", "%.0f MB", float64(dirSize(store))/1e6)
	return b.stop()
}

// fill makes a batch of files without content.
func (b *bench) fill(token, share, folder string, from int) error {
	type content struct {
		Size int    `json:"size"`
		Sum  string `json:"checksum_sha256"`
	}
	type change struct {
		Type    string  `json:"resource_type"`
		Change  string  `json:"change_type"`
		Parent  string  `json:"parent_id"`
		Name    string  `json:"name"`
		Content content `json:"content"`
	}
	const nothing = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
	changes := make([]change, millionBatch)
	for i := range changes {
		changes[i] = change{"file", "created", folder, fmt.Sprintf("entry %07d.txt", (from+i)*7919%millionEntries), content{0, nothing}}
	}
	var got struct {
		Errors []any `json:"errors"`
	}
	err := b.call("POST", "/sync/apply", token, map[string]any{"device_id": "bench", "share_id": share, "changes": changes}, &got)
	if err == nil && len(got.Errors) > 0 {
		err = fmt.Errorf("%d of %d were refused: %v", len(got.Errors), millionBatch, got.Errors[0])
	}
	return err
}
