package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/alecthomas/kong"
)

// What serve is told of its settings, and by whom, the first that counts first; and
// what the file says of where and how to start, unless somebody else says so.
func TestServeIsTold(t *testing.T) {
	file := filepath.Join(t.TempDir(), "c.json")
	err := os.WriteFile(file, []byte(`{"listen": ":9", "data": "there", "memory": "64MiB", "log_json": true, "metrics_listen": ":8", "cors_origins": ["https://c.example.com"], "log_requests": true}`), 0o600)
	if err != nil {
		t.Fatal(err)
	}
	for name, value := range map[string]string{"SCAIDRIVE_CORS_ORIGINS": "https://b.example.com", "SCAIDRIVE_MEMORY": "128MiB", "SCAIDRIVE_ALLOWED_HOSTS": "", "SCAIDRIVE_CONFIG": file, "SCAIDRIVE_ADMIN_PASSWORD": "secret"} {
		t.Setenv(name, value)
	}
	args := strings.Fields("serve --cors-origins https://a.example.com --cors-origins https://d.example.com --no-log-requests --admin-email a@example.com --data here --json")
	var c cli
	grammar, command := c.grammar(args)
	parser, err := kong.New(grammar, command, kong.Writers(io.Discard, io.Discard))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := parser.Parse(args); err != nil {
		t.Fatal(err)
	}
	list, err := c.Serve.given()
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, g := range list {
		got = append(got, fmt.Sprintf("%s %s %s", g.Name, strings.Replace(g.From, file, "FILE", 1), g.Text))
	}
	want := []string{
		"cors_origins --cors-origins https://a.example.com,https://d.example.com",
		"log_requests --log-requests false",
		"data --data here",
		"memory SCAIDRIVE_MEMORY 128MiB",
		"cors_origins SCAIDRIVE_CORS_ORIGINS https://b.example.com",
		"listen FILE :9", "data FILE there", "memory FILE 67108864", "log_json FILE true", "metrics_listen FILE :8",
		"cors_origins FILE https://c.example.com", "log_requests FILE true",
	}
	if a, b := strings.Join(got, "\n"), strings.Join(want, "\n"); a != b {
		t.Errorf("told:\n%s\nwant:\n%s", a, b)
	}
	if s := &c.Serve; s.Data != "here" || s.Listen != ":9" || s.Memory != "128MiB" || !s.LogJSON || s.MetricsListen != ":8" {
		t.Errorf("%+v", s)
	}
}
