package synctest

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"scaidrive/client"
	"scaidrive/engine/journal/journaltest"
	"scaidrive/httpd/wire"
)

// How the clients of a scenario are connected.
const (
	online  = "online"  // both, all the time; each act is sent before the next
	offline = "offline" // who commits second acts without a connection, and comes back
	crash   = "crash"   // the server is killed in between, and the second client in the middle of sending
)

// different are outcomes that real clients bring about in another way than the table
// has them, because of what they can't know: an act that was undone again before
// anybody looked did not happen.
var different = map[string]string{
	// Saved while offline, only the new content of the same file is seen.
	"S41 safe save/offline": "a=X",
	"S41 safe save/crash":   "a=X",
	// What follows an edit is made from what the client has by then, which is the
	// version that stands; and an offline client makes one edit of two.
	"MANUAL: a further edit takes the place of the one that waits/online/LWW earlier": "a=Z",
	"MANUAL: a further edit takes the place of the one that waits/online/KB":          "a (conflict B)=Y | a=Z",
	"MANUAL: a further edit takes the place of the one that waits/online/SW":          "a=Z",
	"MANUAL: a further edit takes the place of the one that waits/offline/KB":         "a (conflict B)=Z | a=X",
	"MANUAL: a further edit takes the place of the one that waits/crash/KB":           "a (conflict B)=Z | a=X",
}

// A play is a scenario under a strategy, at some connection.
type play struct {
	sc      *journaltest.Scenario
	column  string
	mode    string
	api     *client.Client
	dir     string
	url     string
	token   string
	share   string
	devices map[string]*device
	sent    map[string]bool // words that a person wrote and a client has seen
	second  string          // who commits last
	acts    int
	err     error
}

func (p *play) name() string { return p.sc.Name + "/" + p.mode + "/" + p.column }

func (p *play) strategy() string {
	return map[string]string{journaltest.LWWLater: wire.LastWriterWins, journaltest.LWWEarlier: wire.LastWriterWins,
		journaltest.KB: wire.KeepBoth, journaltest.M: wire.Manual, journaltest.SW: wire.ServerWins, journaltest.CW: wire.ClientWins}[p.column]
}

func who(act string) string {
	return strings.TrimSuffix(strings.Fields(act)[0], "!")
}

func (p *play) device(name string) (*device, error) {
	if d := p.devices[name]; d != nil {
		return d, nil
	}
	d, err := newDevice(p.dir, name, p.url, p.token, p.share, p.strategy())
	p.devices[name] = d
	return d, err
}

// do is what a person does in a folder.
func (p *play) do(d *device, verb string, args []string) error {
	if len(args) > 0 && verb != "mv" {
		if err := os.MkdirAll(filepath.Dir(d.path(args[0])), 0o755); err != nil {
			return err
		}
	}
	switch verb {
	case "create", "edit":
		p.sent[args[1]] = true
		if err := os.WriteFile(d.path(args[0]), []byte("content "+args[1]), 0o644); err != nil {
			return err
		}
		if p.column == journaltest.LWWEarlier {
			// Made before what was committed before it: the second act some minutes
			// before the first.
			p.acts++
			at := time.Now().Add(-time.Hour - time.Duration(p.acts)*time.Minute)
			if d.name == "Z" {
				at = time.Now().Add(-3 * time.Hour)
			}
			return os.Chtimes(d.path(args[0]), at, at)
		}
		// Systems round times down.
		return os.Chtimes(d.path(args[0]), time.Time{}, time.Now())
	case "mkdir":
		return os.Mkdir(d.path(args[0]), 0o755)
	case "rm":
		return os.RemoveAll(d.path(args[0]))
	case "mv":
		return os.Rename(d.path(args[0]), d.path(args[1]))
	}
	return errors.New("no verb " + verb)
}

// begin plays what lies there before, and has all devices in step.
func (p *play) begin() error {
	z, err := p.device("Z")
	if err != nil {
		return err
	}
	for _, g := range p.sc.Given {
		w := strings.Fields(g)
		if err := p.do(z, w[0], w[1:]); err != nil {
			return err
		}
	}
	if err := z.sync(); err != nil {
		return err
	}
	for _, a := range p.sc.Acts {
		d, err := p.device(who(a))
		if err == nil {
			err = d.sync()
		}
		if err != nil {
			return err
		}
	}
	if p.column == journaltest.LWWEarlier {
		// A client that runs tells when it saw a change; one that was off goes by
		// the content's time.
		for _, d := range p.devices {
			if err := d.close(); err != nil {
				return err
			}
		}
	}
	p.second = who(p.sc.Acts[len(p.sc.Acts)-1])
	return nil
}

// interlaced reports whether clients follow each other in between: then each act is
// committed by itself.
func (p *play) interlaced() bool {
	turns, last := 0, ""
	for _, a := range p.sc.Acts {
		if w := strings.Fields(a); w[1] == "sync" {
			return true
		}
		if who(a) != last {
			turns++
			last = who(a)
		}
	}
	return turns > len(p.devices)-1
}

// first plays what is committed first.
func (p *play) first() error {
	for i, a := range p.sc.Acts {
		w := strings.Fields(a)
		if who(a) == p.second && p.mode != online && !p.interlaced() {
			continue
		}
		d, isFolder := p.devices[who(a)], false
		if w[1] != "sync" {
			if info, err := os.Lstat(d.path(w[2])); err == nil {
				isFolder = info.IsDir()
			}
			if err := p.do(d, w[1], w[2:]); err != nil {
				return err
			}
		}
		if w[1] == "rm" && isFolder && i+1 < len(p.sc.Acts) && who(p.sc.Acts[i+1]) == who(a) {
			continue // something else takes its place before it may come back
		}
		if err := d.sync(); err != nil {
			return err
		}
	}
	if p.mode == offline || p.mode == crash {
		d := p.devices[p.second]
		if p.mode == offline {
			if err := d.close(); err != nil {
				return err
			}
		}
		if p.interlaced() {
			return nil
		}
		for _, a := range p.sc.Acts {
			if w := strings.Fields(a); who(a) == p.second {
				if err := p.do(d, w[1], w[2:]); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// last plays the rest, and has all come to rest.
func (p *play) last() error {
	d := p.devices[p.second]
	if p.mode == crash {
		if p.column == journaltest.LWWEarlier {
			if err := d.close(); err != nil {
				return err
			}
		}
		d.link.loseApply.Store(2) // the client asks twice
		if err := d.sync(); err != nil && !errors.Is(err, errLost) {
			return err
		}
		d.kill()
		d.link.loseApply.Store(0)
	}
	if err := d.sync(); err != nil {
		return err
	}
	for range 3 {
		for _, d := range p.devices {
			if err := d.sync(); err != nil {
				return err
			}
		}
	}
	for _, d := range p.devices {
		before := d.folder.Status().Counts
		if err := d.sync(); err != nil {
			return err
		}
		after := d.folder.Status().Counts
		before.Rounds, after.Rounds, before.Hashed, after.Hashed = 0, 0, 0, 0
		if before != after {
			return fmt.Errorf("%s does not come to rest: %+v, then %+v", d.name, before, after)
		}
	}
	return nil
}

var conflictName = regexp.MustCompile(` \(conflict, ([^,]+), \d{4}-\d\d-\d\d \d\d-\d\d-\d\dZ\)`)

func plainName(name string) string { return conflictName.ReplaceAllString(name, " (conflict $1)") }

func (p *play) word(sum wire.Hash) string {
	for w := range p.sent {
		if sha256.Sum256([]byte("content "+w)) == sum {
			return w
		}
	}
	return sum.String()[:8]
}

// outcome tells what is there, as the table has it, without what is in the trash;
// and what is in the trash, by its words.
func (p *play) outcome(ctx context.Context) (lines, trash []string, err error) {
	there, err := remoteTree(ctx, p.api, p.share)
	if err != nil {
		return nil, nil, err
	}
	for at, e := range there {
		if e.ResourceType == wire.TypeFile {
			lines = append(lines, plainName(at)+"="+p.word(*e.ChecksumSHA256))
			continue
		}
		empty := true
		for other := range there {
			empty = empty && !strings.HasPrefix(other, at+"/")
		}
		if empty {
			lines = append(lines, plainName(at)+"/")
		}
	}
	open, err := p.api.Conflicts(ctx, p.share, "", false)
	if err != nil {
		return nil, nil, err
	}
	for i := range open {
		c := &open[i]
		name := c.ClientChange.Name
		for _, e := range there {
			if e.ID == c.ResourceID && (name == "" || c.ClientChange.ChecksumSHA256 == nil) {
				name = e.Name
			}
		}
		if name == "" && c.Path != nil {
			name = filepath.Base(*c.Path)
		}
		if name == "" {
			name = "?" // in the trash: the API tells no path of it
		}
		if c.ClientChange.ChecksumSHA256 != nil {
			lines = append(lines, "pending "+plainName(name)+"="+p.word(*c.ClientChange.ChecksumSHA256))
		} else {
			lines = append(lines, "open "+plainName(name))
		}
	}
	slices.Sort(lines)
	live, all, err := files(ctx, p.api, p.share)
	if err != nil {
		return nil, nil, err
	}
	after, err := remoteTree(ctx, p.api, p.share)
	if err != nil {
		return nil, nil, err
	}
	for _, e := range after {
		if e.ResourceType == wire.TypeFile && !live[e.ID] {
			trash = append(trash, p.word(*e.ChecksumSHA256))
		}
	}
	slices.Sort(trash)
	return lines, trash, p.nothingLost(ctx, all, open)
}

// nothingLost looks for all that a client had seen.
func (p *play) nothingLost(ctx context.Context, ids map[string]bool, open []wire.Conflict) error {
	found, err := contents(ctx, p.api, ids)
	if err != nil {
		return err
	}
	for i := range open {
		if sum := open[i].ClientChange.ChecksumSHA256; sum != nil {
			found[*sum] = true
		}
	}
	for w := range p.sent {
		if !found[sha256.Sum256([]byte("content "+w))] && !p.undone(w) && !p.onDisk(w) {
			return fmt.Errorf("the content %s is lost", w)
		}
	}
	return nil
}

// undone reports whether a word was overwritten by who wrote it before a client saw
// it.
func (p *play) undone(w string) bool {
	if p.mode == online || p.interlaced() {
		return false
	}
	last, by := map[string]string{}, ""
	for _, a := range p.sc.Acts {
		if f := strings.Fields(a); who(a) == p.second && (f[1] == "create" || f[1] == "edit") {
			last[f[2]] = f[3]
			if f[3] == w {
				by = f[2]
			}
		}
	}
	return by != "" && last[by] != w
}

// onDisk reports whether a word is a file that its client says it can't send.
func (p *play) onDisk(w string) bool {
	for _, d := range p.devices {
		for _, i := range d.folder.Status().Waiting {
			if b, err := os.ReadFile(d.path(i.Path)); err == nil && string(b) == "content "+w {
				return true
			}
		}
	}
	return false
}

// check compares with the table, and the disks with the server.
func (p *play) check(t *testing.T) {
	if p.err != nil {
		t.Fatal(p.err)
	}
	ctx := t.Context()
	there, err := remoteTree(ctx, p.api, p.share)
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range p.devices {
		d.agrees(t, there)
	}
	lines, trash, err := p.outcome(ctx)
	if err != nil {
		t.Error(err)
	}
	want := p.sc.Want[p.column]
	for _, key := range []string{p.name(), p.sc.Name + "/" + p.mode} {
		if other, ok := different[key]; ok {
			want = other
			break
		}
	}
	if got := p.matches(want, lines, trash); got != "" {
		if p.column == journaltest.LWWEarlier && p.matches(p.sc.Want[journaltest.LWWLater], lines, trash) == "" && p.timeless() {
			return
		}
		t.Errorf("\n got %s\nwant %s", got, want)
	}
}

// timeless reports whether the last client did something of which nobody can tell
// later when it was done: a deletion or a move.
func (p *play) timeless() bool {
	for _, a := range p.sc.Acts {
		if f := strings.Fields(a); f[1] == "rm" || f[1] == "mv" || f[1] == "mkdir" {
			return true
		}
	}
	return false
}

// matches gives "" or what there is instead.
func (p *play) matches(want string, lines, trash []string) string {
	var live, gone []string
	for l := range strings.SplitSeq(want, " | ") {
		if rest, ok := strings.CutPrefix(l, "trash "); !ok {
			live = append(live, l)
		} else if _, word, file := strings.Cut(rest, "="); file {
			gone = append(gone, word)
		}
	}
	slices.Sort(gone)
	if slices.EqualFunc(live, lines, func(a, b string) bool {
		return a == b || strings.HasPrefix(b, "pending ?=") && strings.HasSuffix(a, b[len("pending ?"):])
	}) && slices.Equal(gone, trash) {
		return ""
	}
	return fmt.Sprintf("%s | in the trash: %s", strings.Join(lines, " | "), strings.Join(trash, " "))
}

// agrees compares a disk with the server, but for what the device itself says is
// not in step.
func (d *device) agrees(t *testing.T, there map[string]wire.Entry) {
	t.Helper()
	s := d.folder.Status()
	waits := map[string]bool{}
	for _, i := range s.Waiting {
		waits[i.Path] = true
	}
	want := map[string]string{}
	for p, e := range there {
		if want[p] = "/"; e.ResourceType == wire.TypeFile {
			want[p] = e.ChecksumSHA256.String()
		}
	}
	got := hashes(tree(t, d.root))
	for p := range waits {
		delete(want, p)
		for q, sum := range want { // a name that was refused: there it has another
			if _, here := got[q]; !here && sum == got[p] {
				delete(want, q)
				break
			}
		}
		delete(got, p)
	}
	if !maps.Equal(got, want) {
		t.Errorf("%s and the server differ (%+v):\n%s", d.name, s.Waiting, differ(got, want))
	}
	if s.InStep != (len(waits) == 0) {
		t.Errorf("%s says %+v", d.name, s)
	}
}

// TestTable plays every row of the scenario table under every strategy with real
// clients: both online, one offline, and with a crash of the server and of the
// second client in between.
func TestTable(t *testing.T) {
	s := newServer(t, filepath.Join(fastDir(t), "data"))
	api := s.api(t)
	token, err := api.Login(t.Context(), adminEmail, adminPassword)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"A", "B", "C", "Z"} {
		if _, err := api.RegisterDevice(t.Context(), wire.RegisterDevice{DeviceID: "device-" + name, DeviceName: name, Platform: "linux"}); err != nil {
			t.Fatal(err)
		}
	}
	dir := fastDir(t)
	var plays []*play
	table := journaltest.Scenarios()
	for i := range table {
		for _, column := range journaltest.Columns() {
			for _, mode := range []string{online, offline, crash} {
				p := &play{sc: &table[i], column: column, mode: mode, api: api, url: s.url(), token: token.AccessToken,
					dir: filepath.Join(dir, fmt.Sprint(len(plays))), devices: map[string]*device{}, sent: map[string]bool{}}
				if only := os.Getenv("SCAIDRIVE_SCENARIO"); only != "" && !strings.Contains(p.name(), only) {
					continue
				}
				p.share = newShare(t, api, fmt.Sprint("share ", len(plays)))
				plays = append(plays, p)
			}
		}
	}
	began := time.Now()
	all(plays, func(p *play) error { return errors.Join(p.begin(), p.first()) })
	s.kill()
	s.start(t)
	all(plays, (*play).last)
	for _, p := range plays {
		t.Run(p.name(), p.check)
		for _, d := range p.devices {
			d.kill()
		}
	}
	t.Logf("%d plays in %v", len(plays), time.Since(began).Round(time.Second))
}

// all plays a part of all scenarios, some at a time.
func all(plays []*play, part func(*play) error) {
	next := make(chan *play)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for p := range next {
				if p.err == nil {
					p.err = part(p)
				}
			}
		})
	}
	for _, p := range plays {
		next <- p
	}
	close(next)
	wg.Wait()
}
