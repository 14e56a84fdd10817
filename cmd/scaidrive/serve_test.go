package main

import (
	"fmt"
	"testing"
)

func TestNetworks(t *testing.T) {
	for in, want := range map[string]string{
		"10.1.2.3/8": "[10.0.0.0/8]", " 192.0.2.1": "[192.0.2.1/32]", "2001:db8::1": "[2001:db8::1/128]", "2001:db8::/32": "[2001:db8::/32]",
		"::ffff:10.0.0.0/104": "[10.0.0.0/8]", "::ffff:0.0.0.0/90": "", "10.0.0.0/33": "", "example.com": "", "": "", "fe80::1%eth0": "[fe80::1/128]",
	} {
		got, err := parseNetworks([]string{in})
		if (err != nil) != (want == "") || err == nil && fmt.Sprint(got) != want {
			t.Errorf("%q: %v, %v", in, got, err)
		}
	}
}

func TestHosts(t *testing.T) {
	for in, ok := range map[string]bool{
		"drive.example.com": true, "*.example.com": true, "192.0.2.1": true, "::1": true, "[::1]": true,
		"drive.example.com:8000": false, "https://drive.example.com": false, "a b": false, "": false, "*": false, "a.*.com": false,
	} {
		if err := checkHosts([]string{in}); (err == nil) != ok {
			t.Errorf("%q: %v", in, err)
		}
	}
}
