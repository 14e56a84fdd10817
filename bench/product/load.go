package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"strconv"
	"sync"
	"sync/atomic"
	"time"
)

// hammer sends requests over some connections for a while, each connection the
// next as soon as the answer is there, and gives answers a second. It is as lean
// as it can be, because it shares the machine with what it measures: a request is
// bytes to write, an answer must be a 200 with a Content-Length.
func hammer(addr string, conns int, d time.Duration, request func(rng *rand.Rand, b []byte) []byte) (float64, error) {
	var wg sync.WaitGroup
	var done atomic.Int64
	failed := make(chan error, conns)
	begin := time.Now()
	for i := range conns {
		wg.Go(func() {
			n, err := oneConnection(addr, begin.Add(d), rand.New(rand.NewPCG(uint64(i), 7)), request)
			done.Add(n)
			if err != nil {
				failed <- err
			}
		})
	}
	wg.Wait()
	took := time.Since(begin).Seconds()
	select {
	case err := <-failed:
		return 0, err
	default:
		return float64(done.Load()) / took, nil
	}
}

func oneConnection(addr string, until time.Time, rng *rand.Rand, request func(*rand.Rand, []byte) []byte) (n int64, err error) {
	c, err := net.Dial("tcp", addr)
	if err != nil {
		return 0, err
	}
	defer c.Close()
	r := bufio.NewReaderSize(c, 16<<10)
	var b []byte
	for n%64 != 0 || time.Now().Before(until) {
		b = request(rng, b[:0])
		if _, err := c.Write(b); err != nil {
			return n, err
		}
		if err := skipAnswer(r, ok200); err != nil {
			return n, err
		}
		n++
	}
	return n, nil
}

var (
	contentLength = []byte("content-length: ")
	ok200         = []byte("HTTP/1.1 200")
	created201    = []byte("HTTP/1.1 201")
)

func skipAnswer(r *bufio.Reader, status []byte) error {
	line, err := r.ReadSlice('\n')
	if err != nil {
		return err
	}
	if !bytes.HasPrefix(line, status) {
		return fmt.Errorf("answer %q", line)
	}
	length := -1
	for {
		line, err := r.ReadSlice('\n')
		if err != nil {
			return err
		}
		if len(line) <= 2 {
			break
		}
		if len(line) > len(contentLength) && bytes.EqualFold(line[:len(contentLength)], contentLength) {
			if length, err = strconv.Atoi(string(bytes.TrimSpace(line[len(contentLength):]))); err != nil {
				return err
			}
		}
	}
	if length < 0 {
		return errors.New("an answer without a length")
	}
	_, err = r.Discard(length)
	return err
}

// together runs one loop for each of some connections, and gives how many rounds
// of all there were a second.
func together(addr string, conns int, round func(w int, c net.Conn, r *bufio.Reader) (rounds int, err error)) (float64, error) {
	var wg sync.WaitGroup
	var done atomic.Int64
	failed := make(chan error, conns)
	begin := time.Now()
	for w := range conns {
		wg.Go(func() {
			c, err := net.Dial("tcp", addr)
			if err != nil {
				failed <- err
				return
			}
			defer c.Close()
			n, err := round(w, c, bufio.NewReaderSize(c, 16<<10))
			done.Add(int64(n))
			if err != nil {
				failed <- err
			}
		})
	}
	wg.Wait()
	took := time.Since(begin).Seconds()
	select {
	case err := <-failed:
		return 0, err
	default:
		return float64(done.Load()) / took, nil
	}
}

// call sends a JSON request and decodes the answer.
func (b *bench) call(method, path, token string, in, out any) error {
	var body io.Reader
	if in != nil {
		j, err := json.Marshal(in)
		if err != nil {
			return err
		}
		body = bytes.NewReader(j)
	}
	req, err := http.NewRequest(method, "http://"+b.addr+"/api/v1"+path, body)
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", "Bearer "+token)
	if in != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	if err != nil {
		return err
	}
	if resp.StatusCode/100 != 2 {
		return fmt.Errorf("%s %s: %s %s", method, path, resp.Status, answer)
	}
	if out == nil {
		return nil
	}
	return json.Unmarshal(answer, out)
}

// treeIDs lists the IDs of all files and folders of a share.
func (b *bench) treeIDs(token, share string) (files, folders []string, err error) {
	next := ""
	for {
		var l struct {
			Entries []struct {
				ID   string
				Type string `json:"resource_type"`
			}
			Next string `json:"next_page_token"`
		}
		path := "/sync/tree?limit=5000&share_id=" + share
		if next != "" {
			path += "&page_token=" + next
		}
		if err := b.call("GET", path, token, nil, &l); err != nil {
			return nil, nil, err
		}
		for _, e := range l.Entries {
			if e.Type == "file" {
				files = append(files, e.ID)
			} else {
				folders = append(folders, e.ID)
			}
		}
		if next = l.Next; next == "" {
			return files, folders, nil
		}
	}
}
