package settings

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"scaidrive/engine"
)

func TestDefsKeepTheirOwnRules(t *testing.T) {
	seen := map[string]bool{}
	for _, d := range Defs() {
		if seen[d.Name] || d.About == "" || d.Stored && d.Default == nil {
			t.Errorf("%s stands twice, or says too little", d.Name)
		}
		seen[d.Name] = true
		if d.Default == nil {
			continue
		}
		got, err := d.Parse(d.Format(d.Default), false)
		if err != nil || !cmp.Equal(got, d.Default) {
			t.Errorf("%s: the default %v is read as %v, %v", d.Name, d.Default, got, err)
		}
	}
}

// What a value may be, and how it is compared, by setting.
func TestValues(t *testing.T) {
	const no = "\x00"
	for name, cases := range map[string]map[string]string{
		TrustedProxies: {
			"": "", "10.1.2.3/8": "10.0.0.0/8", " 192.0.2.1 , 10.0.0.0/8": "192.0.2.1/32,10.0.0.0/8", "2001:db8::1": "2001:db8::1/128", "2001:db8::/32": "2001:db8::/32",
			"::ffff:10.0.0.0/104": "10.0.0.0/8", "::ffff:0.0.0.0/90": no, "10.0.0.0/33": no, "example.com": no,
		},
		AllowedHosts: {
			"": "", "drive.example.com": "drive.example.com", "*.Example.com,192.0.2.1": "*.example.com,192.0.2.1", "::1": "::1", "[::1]": "::1", "a,A": "a",
			"drive.example.com:8000": no, "https://drive.example.com": no, "a b": no, "*": no, "a.*.com": no,
		},
		CORSOrigins: {
			"": "", "https://app.example.com": "https://app.example.com", "HTTPS://App.Example.com:8443": no, "https://App.Example.com:8443": "https://app.example.com:8443",
			"http://localhost:3000,http://[::1]:3000": "http://localhost:3000,http://[::1]:3000",
			"*": no, "https://*.example.com": no, "null": no, "app.example.com": no, "https://app.example.com/": no, "https://app.example.com/x": no,
			"https://app.example.com?": no, "https://app.example.com#": no, "https://u@app.example.com": no, "ftp://app.example.com": no, "file://": no,
			"https://app.example.com:443": no, "http://app.example.com:80": no, "https://app.example.com:": no, "https://bücher.example": no, "https://a b": no, "https://a\r\nX: y": no,
		},
		RateLimitProfile: {"public": "public", "appliance": "appliance", "Public": no, "": no},
		LogRequests:      {"true": "true", "false": "false", "0": "false", "1": "true", "x": no, "": no},
		ChangelogDays:    {"90": "90", "36500": "36500", "89": no, "36501": no, "-1": no, "1e3": no, "": no, "9223372036854775808": no},
		ChangelogRows:    {"1000000": "1000000", "999999": no},
		Memory:           {"512MiB": "536870912", "1g": "1073741824", "1024": "1024", "0": no, "-1": no, "1.5GiB": no, "1TiB": no, "9999999999G": no, "": no},
	} {
		d, ok := Lookup(name)
		if !ok {
			t.Fatal(name)
		}
		for text, want := range cases {
			got, err := d.Parse(text, false)
			switch {
			case want == no && (err == nil || engine.KindOf(err) != engine.KindInvalid):
				t.Errorf("%s %q: %v, %v", name, text, got, err)
			case want != no && (err != nil || d.Format(got) != want):
				t.Errorf("%s %q: %v, %v, want %s", name, text, got, err, want)
			}
		}
	}
	hosts, _ := Lookup(AllowedHosts)
	if _, err := hosts.Check(make([]string, maxItems+1), false); err == nil {
		t.Error("a list has no end")
	}
	if _, err := hosts.Check([]string{strings.Repeat("a", maxItem)}, false); err != nil {
		t.Error(err)
	}
	if _, err := hosts.Check([]string{strings.Repeat("a", maxItem+1)}, false); err == nil {
		t.Error("an item has no end")
	}
	days, _ := Lookup(ChangelogDays)
	if v, err := days.Parse("1", true); err != nil || v != int64(1) {
		t.Errorf("a test may keep less: %v, %v", v, err)
	}
}

func TestConfigFile(t *testing.T) {
	for text, want := range map[string]string{
		`{}`: "",
		`{"cors_origins": ["https://App.example.com"], "log_requests": false, "changelog_days": 100, "memory": "1MiB", "listen": ":9000"}`: "cors_origins=https://app.example.com log_requests=false changelog_days=100 memory=1048576 listen=:9000",
		`{"memory": 1048576, "allowed_hosts": []}`: "memory=1048576 allowed_hosts=",

		``:                                   "!it ends too early",
		`[]`:                                 "!it must be one JSON object",
		`{"log_requests": true`:              "!it ends too early",
		`{"log_requests": tru}`:              "!it is not JSON",
		`{} {}`:                              "!nothing may follow the object",
		`{"log_requests": true,}`:            "!it is not JSON",
		`{"cors_origin": []}`:                `!there is no setting "cors_origin"; there are allowed_hosts, `,
		`{"admin_password": "x"}`:            `!there is no setting "admin_password"`,
		`{"data": "/a", "data": "/b"}`:       `!"data" stands twice`,
		`{"log_requests": "true"}`:           "!log_requests: must be a value of the kind bool",
		`{"log_requests": null}`:             "!log_requests: must be a value of the kind bool",
		`{"changelog_days": 89}`:             "!changelog_days: must be 90 to 36500",
		`{"changelog_days": 90.5}`:           "!changelog_days: must be a whole number",
		`{"changelog_days": "90"}`:           "!changelog_days: must be a value of the kind int",
		`{"cors_origins": "https://a.b"}`:    "!cors_origins: must be a value of the kind list",
		`{"cors_origins": [1]}`:              "!cors_origins: must be a list of texts",
		`{"cors_origins": ["http://a","*"]}`: `!cors_origins.1: "*": origins are named one by one`,
		`{"rate_limit_profile": "none"}`:     "!rate_limit_profile: must be appliance or public",
		`{"memory": "much"}`:                 `!memory: "much" is not a size`,
		`{"listen": ["x"]}`:                  "!listen: must be a value of the kind text",
		strings.Repeat(" ", MaxFile) + `{}`:  "!it is over",
	} {
		list, err := ParseFile([]byte(text), "f.json", false)
		if rule, bad := strings.CutPrefix(want, "!"); bad {
			if err == nil || !strings.Contains(err.Error(), rule) || strings.Contains(err.Error(), "\n") {
				t.Errorf("%.60q: %v, want %q", text, err, rule)
			}
			continue
		}
		got := []string{}
		for _, g := range list {
			got = append(got, g.Name+"="+g.Text)
			if g.Source != File || g.From != "f.json" {
				t.Errorf("%+v", g)
			}
		}
		if err != nil || strings.Join(got, " ") != want {
			t.Errorf("%.60q: %v, %v", text, got, err)
		}
	}
}

func FuzzConfigFile(f *testing.F) {
	f.Add([]byte(`{"cors_origins": ["https://app.example.com"], "memory": "1MiB"}`))
	f.Add([]byte(`{"a":{"b":[1]},"changelog_days":1e9}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		list, err := ParseFile(text, "f.json", false)
		if err != nil {
			return
		}
		if _, err := New(Options{Given: list}); err != nil {
			t.Errorf("what the file gave is refused: %v", err)
		}
	})
}
