package wire

import (
	"encoding/json"
	"math/rand/v2"
	"reflect"
	"testing"
	"time"
)

// fill sets every field of a struct at random, one in four to its zero value.
func fill(rng *rand.Rand, v reflect.Value) {
	texts := []string{"plain text", "", `quote " and \`, "<b>&", "ÄÖ \u2028 日本", "\x00\x1f\x7f", "bad \xff utf-8", "🙂"}
	switch at := v.Addr().Interface().(type) {
	case *Time:
		if rng.IntN(4) == 0 {
			return
		}
		*at = Time{time.Unix(rng.Int64N(4e9), []int64{0, 5e6, 123456789, 999999999}[rng.IntN(4)]).In(time.FixedZone("x", 3600*(rng.IntN(9)-4)))}
		return
	}
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			fill(rng, v.Field(i))
		}
	case reflect.String:
		v.SetString(texts[rng.IntN(len(texts))])
	case reflect.Int64:
		v.SetInt(rng.Int64() - rng.Int64())
	case reflect.Uint64:
		v.SetUint(rng.Uint64() * rng.Uint64N(2))
	case reflect.Uint8:
		v.SetUint(rng.Uint64N(256))
	case reflect.Bool:
		v.SetBool(rng.IntN(2) == 0)
	case reflect.Slice:
		if rng.IntN(4) > 0 {
			v.Set(reflect.MakeSlice(v.Type(), rng.IntN(4), 4))
			for i := range v.Len() {
				fill(rng, v.Index(i))
			}
		}
	case reflect.Array:
		for i := range v.Len() {
			fill(rng, v.Index(i))
		}
	case reflect.Pointer:
		if rng.IntN(3) > 0 {
			v.Set(reflect.New(v.Type().Elem()))
			fill(rng, v.Elem())
		}
	default:
		panic("no value for a " + v.Type().String())
	}
}

// What is appended is what encoding/json makes.
func TestAppendJSON(t *testing.T) {
	seed := rand.Uint64()
	t.Log("seed", seed)
	rng := rand.New(rand.NewPCG(seed, 0))
	for range 2000 {
		for _, v := range []Appender{new(File), new(Tree)} {
			fill(rng, reflect.ValueOf(v).Elem())
			want, err := json.Marshal(v)
			if err != nil {
				t.Fatal(err)
			}
			if got := v.AppendJSON([]byte("x")); string(got) != "x"+string(want) {
				t.Fatalf("%s\nwant %s", got, want)
			}
		}
	}
}
