package main

import (
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"mime/multipart"
	"net/http"
	"sync"
	"time"
)

// postMany uploads n files of 4 KiB by multipart, some at once, and gives files
// a second.
func (b *bench) postMany(writers, n int, name string) (float64, error) {
	token, err := b.token()
	if err != nil {
		return 0, err
	}
	share, err := b.benchShare(token)
	if err != nil {
		return 0, err
	}
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: writers}}
	var wg sync.WaitGroup
	failed := make(chan error, writers)
	t := time.Now()
	for w := range writers {
		wg.Add(1)
		go func() {
			defer wg.Done()
			rng := rand.NewChaCha8([32]byte{byte(w), byte(writers)})
			data := make([]byte, 4096)
			for i := range n / writers {
				rng.Read(data)
				if err := b.post(client, token, share, fmt.Sprintf("%s-%d-%d-%d.bin", name, writers, w, i), data); err != nil {
					failed <- err
					return
				}
			}
		}()
	}
	wg.Wait()
	select {
	case err := <-failed:
		return 0, err
	default:
		return float64(n) / time.Since(t).Seconds(), nil
	}
}

func (b *bench) post(client *http.Client, token, share, name string, data []byte) error {
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	w.WriteField("share_id", share)
	w.WriteField("name", name)
	f, err := w.CreateFormFile("file", name)
	if err != nil {
		return err
	}
	f.Write(data)
	w.Close()
	req, err := http.NewRequest("POST", "http://"+b.addr+"/api/v1/files", &body)
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", "Bearer "+token)
	req.Header.Set("Content-Type", w.FormDataContentType())
	resp, err := client.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	if resp.StatusCode != 201 {
		return fmt.Errorf("POST %s: %s %s", name, resp.Status, answer)
	}
	return err
}
