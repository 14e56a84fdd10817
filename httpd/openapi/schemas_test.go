package openapi

import (
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"testing"

	"scaidrive/httpd/wire"
)

// Structs as they should not be in package wire.
type (
	untold struct {
		Name string `json:"name"`
	}
	careless struct {
		Name   string
		Colour string   `json:"colour"`
		ID     string   `json:"id"`
		Odd    chan int `json:"size"`
	}
)

// TestGaps: what package wire leaves open is named.
func TestGaps(t *testing.T) {
	typeComments["careless"] = "careless is told."
	defer delete(typeComments, "careless")
	d := New(Input{Routes: []Route{{Method: "GET", Address: "/x", Op: Op{
		Answers: []Answer{Gives(200, careless{}, ""), Gives(201, untold{}, "")}, Fails: []int{418},
	}}}})
	all := strings.Join(d.Gaps(), "\n")
	for _, want := range []string{
		"untold has no comment", "careless.Name has no json tag", "careless.Colour has no comment",
		"careless.ID is an identifier without a tag", "the type chan int has no schema", "418",
		"LoginRequest is not in the description of any route",
	} {
		if !strings.Contains(all, want) {
			t.Errorf("not noticed: %s", want)
		}
	}
	if strings.Contains(all, "untold.Name") || strings.Contains(all, "careless.Odd has no comment") {
		t.Errorf("noticed wrongly: %s", all)
	}
}

// TestDirections: what must be there, what may be null and what else may stand in
// an object goes by the direction.
func TestDirections(t *testing.T) {
	s := newSchemas()
	for _, tc := range []struct {
		v    any
		way  direction
		name string
		want []string
	}{
		{wire.File{}, outward, "File", []string{`"folder_id":{"type":["string","null"]`, `"size":{"type":"integer"`, `"modified_at":{"type":"string"`, `"required":["id","tenant_id"`}},
		{wire.CreateFolder{}, inward, "CreateFolder", []string{`"parent_id":{"type":["string","null"]`, `"name":{"type":"string"`, `"required":["share_id","name"]`, `"additionalProperties":false`}},
		{wire.CreateUpload{}, lax, "CreateUpload", []string{`"additionalProperties":true`}},
		{wire.Chunk{}, outward, "Chunk", []string{`"required":["sha256","size"]`}},
		{wire.Chunk{}, inward, "ChunkInput", []string{`"sha256":{"type":["string","null"]`}},
		{wire.UploadProgress{}, outward, "UploadProgress", []string{`"minItems":2,"maxItems":2`, `"enum":["open","completing","completed"]`}},
	} {
		ref := s.ref(reflect.TypeOf(tc.v), tc.way)
		if ref.Ref != refPrefix+tc.name {
			t.Errorf("%s is called %s", tc.name, ref.Ref)
		}
		i := slices.IndexFunc(s.list, func(p Property) bool { return p.Name == tc.name })
		b, err := json.Marshal(s.list[i].Schema)
		if err != nil {
			t.Fatal(err)
		}
		for _, w := range tc.want {
			if !strings.Contains(string(b), w) {
				t.Errorf("%s lacks %s: %s", tc.name, w, b)
			}
		}
	}
}
