package settings

import (
	"fmt"
	"math"
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"scaidrive/engine"
)

// A Kind is what a setting's value is.
type Kind string

// The kinds, with the Go type of their values.
const (
	Bool   Kind = "bool"   // bool
	Int    Kind = "int"    // int64
	Text   Kind = "text"   // string
	Choice Kind = "choice" // string, one of Choices
	Size   Kind = "size"   // int64, bytes
	List   Kind = "list"   // []string
)

// The bounds of every setting.
const (
	maxItems = 100   // of a list
	maxItem  = 255   // bytes of an item
	maxText  = 4_096 // bytes of a text
)

// A Def says what a setting is.
type Def struct {
	Name    string
	Kind    Kind
	Default any // nil: it depends on the machine
	// Stored: the console may store it, and it takes effect at once. Others are needed
	// before there is a store, or say where it is: they count from a start on.
	Stored   bool
	Min, Max int64 // of Int
	// Loose: tests may set less than Min.
	Loose   bool
	Choices []string
	// Normal gives an item of a list as it is compared, or what is wrong with it.
	Normal func(item string) (string, error)
	About  string
}

// The names of the settings.
const (
	AllowedHosts     = "allowed_hosts"
	ChangelogDays    = "changelog_days"
	ChangelogRows    = "changelog_rows"
	CORSOrigins      = "cors_origins"
	LogRequests      = "log_requests"
	RateLimitProfile = "rate_limit_profile"
	TrustedProxies   = "trusted_proxies"

	Data          = "data"
	Listen        = "listen"
	LogJSON       = "log_json"
	Memory        = "memory"
	MetricsListen = "metrics_listen"
)

// Rate limit profiles.
const (
	ProfileAppliance = "appliance"
	ProfilePublic    = "public"
)

// Defs lists the settings: those that the console may store, then the others.
func Defs() []Def {
	return []Def{
		{Name: AllowedHosts, Kind: List, Default: []string{}, Stored: true, Normal: normalHost,
			About: "Names by which the server may be reached, *.example.com for all below. Empty: any."},
		{Name: CORSOrigins, Kind: List, Default: []string{}, Stored: true, Normal: normalOrigin,
			About: "Origins whose pages may call the API, such as https://app.example.com. Empty: pages of this server only."},
		{Name: TrustedProxies, Kind: List, Default: []string{}, Stored: true, Normal: normalNetwork,
			About: "Networks of proxies whose X-Forwarded-For, -Proto and -Host are believed, such as 10.0.0.0/8."},
		{Name: RateLimitProfile, Kind: Choice, Default: ProfileAppliance, Stored: true, Choices: []string{ProfileAppliance, ProfilePublic},
			About: "How much callers may ask for in a minute: public is 1,000 units a token, 5,000 a user, 50,000 a tenant, and 1,000 an address without a token; appliance is 10,000 times that."},
		{Name: LogRequests, Kind: Bool, Default: true, Stored: true,
			About: "Log every call, not only those that the server failed at."},
		{Name: ChangelogDays, Kind: Int, Default: int64(90), Stored: true, Min: 90, Max: 36_500, Loose: true,
			About: "For how many days every change is kept for clients that were away."},
		{Name: ChangelogRows, Kind: Int, Default: int64(1_000_000), Stored: true, Min: 1_000_000, Max: 1_000_000_000_000, Loose: true,
			About: "How many changes of a tenant are kept, however old."},

		{Name: Data, Kind: Text, Default: "./data", About: "Data directory."},
		{Name: Listen, Kind: Text, Default: ":8000", About: "Address to listen on."},
		{Name: MetricsListen, Kind: Text, Default: "", About: "A further address that gives /metrics to everybody who reaches it. Empty: none."},
		{Name: Memory, Kind: Size, About: "Memory that the server may use, such as 512MiB."},
		{Name: LogJSON, Kind: Bool, Default: false, About: "Log as JSON."},
	}
}

// Lookup finds a setting by its name.
func Lookup(name string) (Def, bool) {
	for _, d := range Defs() {
		if d.Name == name {
			return d, true
		}
	}
	return Def{}, false
}

// Variable is the name of the environment variable.
func (d *Def) Variable() string { return "SCAIDRIVE_" + strings.ToUpper(d.Name) }

// Flag is the flag on the command line.
func (d *Def) Flag() string { return "--" + strings.ReplaceAll(d.Name, "_", "-") }

// Parse reads a value as an environment variable has it: a list separated by commas,
// true or false, a size such as 512MiB. test is whether tests may go below bounds.
func (d *Def) Parse(text string, test bool) (any, error) {
	switch d.Kind {
	case Bool:
		switch strings.ToLower(text) {
		case "true", "1", "yes":
			return true, nil
		case "false", "0", "no":
			return false, nil
		}
		return nil, d.wrong("Must be true or false")
	case Int:
		n, err := strconv.ParseInt(strings.TrimSpace(text), 10, 64)
		if err != nil {
			return nil, d.wrong("Must be a whole number, %d to %d", d.Min, d.Max)
		}
		return d.Check(n, test)
	case Size:
		n, err := parseSize(text)
		if err != nil {
			return nil, d.wrong("%s", err)
		}
		return n, nil
	case List:
		list := []string{}
		for item := range strings.SplitSeq(text, ",") {
			if item = strings.TrimSpace(item); item != "" {
				list = append(list, item)
			}
		}
		return d.Check(list, test)
	default:
		return d.Check(text, test)
	}
}

// Check gives a value in its normal form, or what is wrong with it: an engine error of
// KindInvalid that names the setting.
func (d *Def) Check(v any, test bool) (any, error) {
	switch v := v.(type) {
	case bool:
		if d.Kind == Bool {
			return v, nil
		}
	case int64:
		least := d.Min
		if test && d.Loose {
			least = 0
		}
		switch {
		case d.Kind == Size && (v <= 0 || v > 1<<50):
			return nil, d.wrong("Must be 1 to %d bytes", int64(1)<<50)
		case d.Kind == Int && (v < least || v > d.Max):
			return nil, d.wrong("Must be %d to %d", least, d.Max)
		case d.Kind == Size, d.Kind == Int:
			return v, nil
		}
	case string:
		switch {
		case d.Kind == Choice && !slices.Contains(d.Choices, v):
			return nil, d.wrong("Must be %s", strings.Join(d.Choices, " or "))
		case d.Kind == Text && len(v) > maxText:
			return nil, d.wrong("Must be at most %d bytes", maxText)
		case d.Kind == Choice, d.Kind == Text:
			return v, nil
		}
	case []string:
		if d.Kind == List {
			return d.checkList(v)
		}
	}
	return nil, d.wrong("Must be a value of the kind %s", d.Kind)
}

func (d *Def) checkList(list []string) (any, error) {
	if len(list) > maxItems {
		return nil, d.wrong("Must be at most %d items", maxItems)
	}
	out := []string{}
	for i, item := range list {
		if len(item) > maxItem || strings.Contains(item, ",") {
			return nil, engine.Invalid(fmt.Sprintf("%s.%d", d.Name, i), "Must be at most %d bytes without a comma", maxItem)
		}
		normal, err := d.Normal(strings.TrimSpace(item))
		if err != nil {
			return nil, engine.Invalid(fmt.Sprintf("%s.%d", d.Name, i), "%s", err)
		}
		if !slices.Contains(out, normal) {
			out = append(out, normal)
		}
	}
	return out, nil
}

// Format gives a value as an environment variable would have it: what Parse reads.
func (d *Def) Format(v any) string {
	switch v := v.(type) {
	case []string:
		return strings.Join(v, ",")
	case nil:
		return ""
	default:
		return fmt.Sprint(v)
	}
}

func (d *Def) wrong(format string, args ...any) error { return engine.Invalid(d.Name, format, args...) }

// normalHost refuses what no Host header would ever fit.
func normalHost(s string) (string, error) {
	if _, _, err := net.SplitHostPort(s); s == "" || err == nil || strings.ContainsAny(s, "/ ") || strings.Contains(strings.TrimPrefix(s, "*."), "*") {
		return "", fmt.Errorf("%q is not a name such as drive.example.com or *.example.com, without a port", s)
	}
	return strings.ToLower(strings.Trim(s, "[]")), nil
}

// normalNetwork takes networks and single addresses.
func normalNetwork(s string) (string, error) {
	p, err := netip.ParsePrefix(s)
	if a, aerr := netip.ParseAddr(s); aerr == nil {
		p, err = a.Prefix(a.BitLen())
	}
	if err != nil {
		return "", fmt.Errorf("%q is not a network such as 10.0.0.0/8 or an address", s)
	}
	if a := p.Addr(); a.Is4In6() {
		if p.Bits() < 96 {
			return "", fmt.Errorf("%q: write an IPv4 network as such", s)
		}
		p = netip.PrefixFrom(a.Unmap(), p.Bits()-96)
	}
	return p.Masked().String(), nil
}

// normalOrigin takes an origin just as browsers send it. Which pages are trusted is said
// one by one: there is no wildcard.
func normalOrigin(s string) (string, error) {
	if strings.Contains(s, "*") {
		return "", fmt.Errorf("%q: origins are named one by one, there is no wildcard", s)
	}
	u, err := url.Parse(s)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.User != nil || s != u.Scheme+"://"+u.Host {
		return "", fmt.Errorf("%q is not an origin such as https://app.example.com: scheme, name and port, nothing behind them", s)
	}
	for _, r := range u.Host {
		if !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune(".-:[]_", r)) {
			return "", fmt.Errorf("%q: write the name as browsers send it, in ASCII", s)
		}
	}
	if port := u.Port(); port == "" && strings.HasSuffix(u.Host, ":") || u.Scheme == "http" && port == "80" || u.Scheme == "https" && port == "443" {
		return "", fmt.Errorf("%q: browsers leave the scheme's own port out, so must this", s)
	}
	return u.Scheme + "://" + strings.ToLower(u.Host), nil
}

// parseSize reads a size such as 512MiB, 1GiB or a number of bytes.
func parseSize(s string) (int64, error) {
	digits := 0
	for digits < len(s) && s[digits] >= '0' && s[digits] <= '9' {
		digits++
	}
	n, err := strconv.ParseInt(s[:digits], 10, 64)
	shift, known := map[string]int{"": 0, "b": 0, "k": 10, "kib": 10, "kb": 10, "m": 20, "mib": 20, "mb": 20, "g": 30, "gib": 30, "gb": 30}[strings.ToLower(strings.TrimSpace(s[digits:]))]
	if err != nil || !known || n <= 0 || n > math.MaxInt64>>13>>shift {
		return 0, fmt.Errorf("%q is not a size: write a number of bytes, or such as 512MiB or 1GiB", s)
	}
	return n << shift, nil
}
