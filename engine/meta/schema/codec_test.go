package schema

import (
	"bytes"
	"encoding/hex"
	"flag"
	"fmt"
	"hash/fnv"
	"math/rand"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/encoding/protowire"

	"scaidrive/engine"
)

var seedFlag = flag.Int64("seed", 0, "seed of the random records; 0 takes the clock")

// A kind is a record's type with its codec, for the tests that go over all.
type kind struct {
	name string
	// keys are the fields that stand in the key and so not in the value.
	keys   []string
	blank  func() any
	encode func(rec any) []byte
	decode func(b []byte) (any, error)
	fields []Field
}

func kindOf[T any](name string, walk func(*codec, *T), keys ...string) kind {
	c := codec{mode: describing}
	walk(&c, new(T))
	return kind{
		name: name, keys: keys,
		blank:  func() any { return new(T) },
		encode: func(rec any) []byte { return encode(rec.(*T), walk) },
		decode: func(b []byte) (any, error) {
			rec := new(T)
			err := decode(b, rec, walk)
			return rec, err
		},
		fields: c.list,
	}
}

func kinds() []kind {
	return []kind{
		kindOf("partners", partnerFields, "ID"),
		kindOf("tenants", tenantFields, "No"),
		kindOf("tenants_by_id", tenantRefFields),
		kindOf("users", userFields, "ID", "Tenant"),
		kindOf("users_by_email", userRefFields),
		kindOf("sessions", sessionFields, "ID"),
		kindOf("refresh_tokens", refreshTokenFields),
		kindOf("shares", shareFields, "ID"),
		kindOf("entries", entryListFields),
		kindOf("entry", entryFields),
		kindOf("exceptions", exceptionFields),
		kindOf("nodes", nodeFields, "ID"),
		kindOf("children", childFields),
		kindOf("versions", versionFields, "File", "Number"),
		kindOf("changes", changeFields, "Share", "Seq"),
		kindOf("trash", trashFields, "Share", "Node", "DeletedAt"),
		kindOf("trash_by_parent", trashRefFields),
		kindOf("purges", purgeFields, "Node"),
		kindOf("uploads", uploadFields, "ID", "User"),
		kindOf("upload_parts", uploadPartFields, "User", "Upload", "Index"),
		kindOf("service_tokens_by_hash", serviceTokenRefFields),
		kindOf("service_tokens", serviceTokenFields, "ID", "User"),
		kindOf("answers", answerFields, "User", "Seq"),
		kindOf("answers_by_request", answerRefFields),
		kindOf("conflicts", conflictFields, "ID"),
		kindOf("intent", intentFields),
		kindOf("conflicts_by_share", conflictRefFields),
		kindOf("conflicts_by_node", conflictRefFields),
		kindOf("devices", deviceFields, "User"),
		kindOf("outcomes", outcomeFields),
		kindOf("outcome_rounds", outcomeRoundFields),
		kindOf("device_shares", deviceShareFields),
		kindOf("favourites", favouriteFields, "User", "Node"),
		kindOf("recents", recentListFields),
		kindOf("recent", recentFields),
		kindOf("jobs", jobFields, "ID", "User"),
		kindOf("job_tasks", jobTaskFields, "Seq"),
		kindOf("job_undos", jobTaskFields, "Seq"),
		kindOf("job_notes", jobNoteFields, "Class", "Index"),
		kindOf("groups", groupFields, "ID", "Tenant"),
		kindOf("group_members", membershipFields, "Group", "Member"),
		kindOf("groups_of", groupRefFields),
		kindOf("share_members", shareMemberFields, "Share", "Principal"),
		kindOf("shares_of", shareRefFields, "Share"),
		kindOf("invitations", invitationFields, "ID", "Share"),
		kindOf("invitations_by_email", invitationRefFields),
		kindOf("principal_words", wordRefFields),
		kindOf("groups_by_name", groupNameFields),
		kindOf("admins", adminRefFields),
		kindOf("comments", commentFields, "ID", "Node"),
		kindOf("comment_nodes", commentRefFields),
		kindOf("tags", tagListFields),
		kindOf("tag", tagFields),
		kindOf("tagged", taggedRefFields),
		kindOf("named", namedFields),
		kindOf("slugs", slugRefFields),
		kindOf("join_requests", joinRequestFields, "Share", "User"),
		kindOf("join_requests_of", markFields),
		kindOf("open_shares", markFields),
		kindOf("group_words", wordRefFields),
		kindOf("upkeep_days", daysFields),
		kindOf("day_mark", dayMarkFields),
		kindOf("notices", noticeFields, "User", "Seq"),
		kindOf("presence_days", presenceFields, "Day"),
		kindOf("settings", storedFields),
		kindOf("stored_setting", storedSettingFields),
	}
}

func TestEveryTableHasARecord(t *testing.T) {
	have := map[string]bool{"entry": true, "recent": true}
	for _, k := range kinds() {
		have[k.name] = true
	}
	for _, d := range Tables() {
		if !have[d.Name] {
			t.Errorf("table %s has no record in these tests", d.Name)
		}
	}
}

// fill gives every field of a record a value: random ones, or, with rnd nil, one
// that depends on the field's path alone and is no default.
func fill(v reflect.Value, rnd *rand.Rand, path string) {
	if rnd != nil && rnd.Intn(4) == 0 && v.Kind() != reflect.Struct {
		return // a default
	}
	h := fnv.New32a()
	_, _ = h.Write([]byte(path))
	pick := func(limit int64) int64 {
		if rnd == nil {
			return int64(h.Sum32())%limit + 1
		}
		return rnd.Int63n(limit) + 1
	}
	switch v.Interface().(type) {
	case time.Time:
		at := time.Date(2026, 1, 2, 3, 4, 5, 678901000, time.UTC).Add(time.Duration(pick(1e6)) * time.Second)
		if rnd != nil {
			at = time.UnixMicro(rnd.Int63n(1<<60) - 1<<59).UTC()
		}
		if rnd != nil && rnd.Intn(8) == 0 {
			at = time.Unix(0, 0).UTC()
		}
		v.Set(reflect.ValueOf(at))
		return
	case engine.Extra:
		if rnd != nil {
			v.Set(reflect.ValueOf(randomExtra(rnd)))
		}
		return
	}
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			fill(v.Field(i), rnd, path+"."+v.Type().Field(i).Name)
		}
	case reflect.Array:
		for i := range v.Len() {
			fill(v.Index(i), rnd, path+fmt.Sprint(i))
		}
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), int(pick(3)), 3))
		for i := range v.Len() {
			fill(v.Index(i), rnd, path+fmt.Sprint(i))
		}
	case reflect.String:
		v.SetString(strings.Repeat("ä", int(pick(20))) + "z")
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Uint8:
		v.SetUint(uint64(pick(255)))
	case reflect.Uint32:
		v.SetUint(uint64(pick(1<<32 - 1)))
	case reflect.Uint64:
		v.SetUint(uint64(pick(1 << 62)))
	case reflect.Int, reflect.Int64:
		v.SetInt(pick(1<<62) - 1<<20)
	default:
		panic("no values for " + v.Type().String())
	}
}

// randomExtra makes fields that no build knows yet.
func randomExtra(rnd *rand.Rand) engine.Extra {
	var b []byte
	num := protowire.Number(100)
	for range rnd.Intn(4) {
		num += protowire.Number(rnd.Intn(1000) + 1)
		switch rnd.Intn(4) {
		case 0:
			b = protowire.AppendVarint(protowire.AppendTag(b, num, protowire.VarintType), rnd.Uint64())
		case 1:
			b = protowire.AppendFixed64(protowire.AppendTag(b, num, protowire.Fixed64Type), rnd.Uint64())
		case 2:
			b = protowire.AppendFixed32(protowire.AppendTag(b, num, protowire.Fixed32Type), rnd.Uint32())
		case 3:
			b = protowire.AppendString(protowire.AppendTag(b, num, protowire.BytesType), "from a later build"[:rnd.Intn(18)])
		}
	}
	return b
}

func example(k kind, rnd *rand.Rand) any {
	rec := k.blank()
	fill(reflect.ValueOf(rec).Elem(), rnd, k.name)
	for _, name := range k.keys {
		reflect.ValueOf(rec).Elem().FieldByName(name).SetZero()
	}
	return rec
}

// Every field of a record, also one that somebody adds to the vocabulary and
// forgets here, comes back as it was, and so do unknown fields.
func TestRecordsComeBack(t *testing.T) {
	seed := *seedFlag
	if seed == 0 {
		seed = time.Now().UnixNano()
	}
	rnd := rand.New(rand.NewSource(seed))
	for _, k := range kinds() {
		for i := range 500 {
			want := example(k, rnd)
			if i == 0 {
				want = example(k, nil)
			}
			b := k.encode(want)
			got, err := k.decode(b)
			if err != nil {
				t.Fatalf("seed %d: %s: %x: %v", seed, k.name, b, err)
			}
			if diff := cmp.Diff(normal(want), normal(got)); diff != "" {
				t.Fatalf("seed %d: %s (-want +got):\n%s", seed, k.name, diff)
			}
			if again := k.encode(got); !bytes.Equal(again, b) {
				t.Fatalf("seed %d: %s: a second encoding differs:\n%x\n%x", seed, k.name, b, again)
			}
		}
	}
}

// normal makes empty and nil Extra the same, for they are.
func normal(rec any) any {
	v := reflect.ValueOf(rec).Elem()
	if x := v.FieldByName("Extra"); x.Len() == 0 {
		x.SetZero()
	}
	if l, ok := rec.(*entryList); ok {
		for i := range l.List {
			normal(&l.List[i])
		}
	}
	return rec
}

// Every truncation and every flipped bit of a record is either refused, or
// another record whose encoding is just these bytes: nothing is read twice ways.
func TestDamagedBytesAreCanonicalOrRefused(t *testing.T) {
	for _, k := range kinds() {
		b := k.encode(example(k, nil))
		check := func(x []byte) {
			t.Helper()
			rec, err := k.decode(x)
			if err == nil && !bytes.Equal(k.encode(rec), x) {
				t.Fatalf("%s: %x is read, but written as %x", k.name, x, k.encode(rec))
			}
		}
		for i := range b {
			check(b[:i])
			for bit := range 8 {
				x := bytes.Clone(b)
				x[i] ^= 1 << bit
				check(x)
			}
		}
	}
}

// The bytes of version 1 of every record, which must never change: a line that
// this test wants changed means that stored data would be read differently. A
// field that is added later stands behind those bytes.
func TestGolden(t *testing.T) {
	stored, err := os.ReadFile("testdata/golden.txt")
	if err != nil {
		t.Error(err)
	}
	lines := strings.Split(strings.TrimSpace(string(stored)), "\n")
	for i, k := range kinds() {
		now := k.name + " " + hex.EncodeToString(k.encode(example(k, nil)))
		if i >= len(lines) {
			t.Errorf("no line for\n%s", now)
			continue
		}
		if !strings.HasPrefix(now, lines[i]) {
			t.Errorf("the encoding changed:\nstored %s\nnow    %s", lines[i], now)
		}
		_, text, _ := strings.Cut(lines[i], " ")
		b, err := hex.DecodeString(text)
		if err != nil {
			t.Fatal(err)
		}
		rec, err := k.decode(b)
		if err != nil {
			t.Errorf("%s: %v", k.name, err)
		} else if again := k.encode(rec); !bytes.Equal(again, b) {
			t.Errorf("%s: %x is written as %x", k.name, b, again)
		}
	}
}

func TestDecoderIsStrict(t *testing.T) {
	tag := func(n protowire.Number, typ protowire.Type) []byte { return protowire.AppendTag(nil, n, typ) }
	join := func(parts ...[]byte) []byte { return bytes.Join(parts, nil) }
	kindField := join(tag(1, protowire.VarintType), []byte{1})
	name := protowire.AppendString(tag(3, protowire.BytesType), "a")
	id := bytes.Repeat([]byte{7}, 16)
	tests := []struct {
		name string
		in   []byte
		ok   bool
	}{
		{"nothing", nil, true},
		{"kind and name", join(kindField, name), true},
		{"unknown field behind", join(name, tag(99, protowire.VarintType), []byte{5}), true},
		{"descending", join(name, kindField), false},
		{"twice", join(name, name), false},
		{"explicit default", join(tag(1, protowire.VarintType), []byte{0}), false},
		{"empty string", protowire.AppendString(tag(3, protowire.BytesType), ""), false},
		{"wrong wire type", join(tag(3, protowire.VarintType), []byte{1}), false},
		{"enumeration too large", join(tag(1, protowire.VarintType), []byte{0x80, 0x02}), false},
		{"long varint", join(tag(1, protowire.VarintType), []byte{0x81, 0x00}), false},
		{"long tag", []byte{0x88, 0x00, 0x01}, false},
		{"long length", join(tag(3, protowire.BytesType), []byte{0x81, 0x00, 'a'}), false},
		{"bool of two", join(tag(16, protowire.VarintType), []byte{2}), false},
		{"short ID", protowire.AppendBytes(tag(2, protowire.BytesType), id[:15]), false},
		{"long ID", protowire.AppendBytes(tag(2, protowire.BytesType), append(id[:16:16], 1)), false},
		{"zero ID", protowire.AppendBytes(tag(2, protowire.BytesType), make([]byte, 16)), false},
		{"truncated length", join(tag(3, protowire.BytesType), []byte{5, 'a'}), false},
		{"huge length", join(tag(3, protowire.BytesType), protowire.AppendVarint(nil, 1<<63)), false},
		{"truncated time", join(tag(6, protowire.Fixed64Type), []byte{1, 2, 3}), false},
		{"the zero time", protowire.AppendFixed64(tag(6, protowire.Fixed64Type), uint64(time.Time{}.UnixMicro())), false},
		{"1970", protowire.AppendFixed64(tag(6, protowire.Fixed64Type), 0), true},
		{"field number 0", []byte{0x00, 0x01}, false},
		{"unknown group", join(tag(99, protowire.StartGroupType), tag(99, protowire.EndGroupType)), false},
		{"unknown, truncated", join(tag(99, protowire.BytesType), []byte{9}), false},
		{"unknown, twice", join(tag(99, protowire.VarintType), []byte{5}, tag(99, protowire.VarintType), []byte{5}), false},
		{"known behind unknown", join(tag(99, protowire.VarintType), []byte{5}, kindField), false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			n := new(engine.Node)
			err := decode(tt.in, n, nodeFields)
			if (err == nil) != tt.ok {
				t.Errorf("%x: error %v", tt.in, err)
			}
			if err == nil && !bytes.Equal(encode(n, nodeFields), tt.in) {
				t.Errorf("%x is written as %x", tt.in, encode(n, nodeFields))
			}
		})
	}
}

// Nothing of the input is kept: the view's memory goes away.
func TestDecodedRecordsKeepNothing(t *testing.T) {
	rnd := rand.New(rand.NewSource(1))
	for _, k := range kinds() {
		for range 20 {
			rec := example(k, rnd)
			b := k.encode(rec)
			got, err := k.decode(b)
			if err != nil {
				t.Fatal(err)
			}
			for i := range b {
				b[i] = 0xdb
			}
			if diff := cmp.Diff(normal(rec), normal(got)); diff != "" {
				t.Fatalf("%s (-want +got):\n%s", k.name, diff)
			}
		}
	}
}

// Lists longer than any that is written are damage, not memory.
func TestListsAreBounded(t *testing.T) {
	v := &engine.Version{Content: engine.Content{Inline: make([]engine.Chunk, engine.MaxInlineChunks)}}
	if err := decode(encode(v, versionFields), new(engine.Version), versionFields); err != nil {
		t.Error(err)
	}
	chunks := make([]byte, (engine.MaxInlineChunks+1)*chunkSize)
	long := protowire.AppendBytes(protowire.AppendTag(nil, 8, protowire.BytesType), chunks)
	if err := decode(long, new(engine.Version), versionFields); err == nil {
		t.Error("17 chunks inline")
	}
	if err := decode(long[:len(long)-chunkSize-1], new(engine.Version), versionFields); err == nil {
		t.Error("a part of a chunk")
	}
	l := &entryList{List: make([]engine.Entry, engine.MaxEntries+1)}
	if err := decode(encode(l, entryListFields), new(entryList), entryListFields); err == nil {
		t.Error("1,001 entries")
	}
}

func FuzzDecode(f *testing.F) {
	all := kinds()
	for i, k := range all {
		f.Add(uint8(i), k.encode(example(k, nil)))
	}
	f.Fuzz(func(t *testing.T, which uint8, b []byte) {
		k := all[int(which)%len(all)]
		rec, err := k.decode(b)
		if err != nil {
			return
		}
		if again := k.encode(rec); !bytes.Equal(again, b) {
			t.Errorf("%s: %x is written as %x", k.name, b, again)
		}
	})
}

func BenchmarkNode(b *testing.B) {
	n := &engine.Node{}
	fill(reflect.ValueOf(n).Elem(), nil, "nodes")
	raw := encode(n, nodeFields)
	b.Run("encode", func(b *testing.B) {
		for b.Loop() {
			encode(n, nodeFields)
		}
	})
	b.Run("decode", func(b *testing.B) {
		for b.Loop() {
			var m engine.Node
			if err := decode(raw, &m, nodeFields); err != nil {
				b.Fatal(err)
			}
		}
	})
}
