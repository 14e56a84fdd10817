package httpd

import (
	"fmt"
	"strings"
	"testing"

	"scaidrive/chunkstore/split"
)

// A name that is taken by what somebody may not see is refused in the same words
// whatever has it, also where they may put things and see nothing, and by every way to
// put something there.
func TestATakenNameTellsNothing(t *testing.T) {
	a := leaky(t)
	a.run([]step{
		{name: "a folder to drop things into", method: "POST", path: "/folders", body: `{"share_id":"{share}","name":"drop"}`, status: 201, keep: "drop=id"},
		{name: "in it", method: "POST", path: "/files", body: upload(secret+" again.txt", "x", "folder_id", "{drop}"), status: 201, keep: "indrop=id"},
		{name: "and", method: "POST", path: "/folders", body: `{"share_id":"{share}","parent_id":"{drop}","name":"` + secret + ` dir"}`, status: 201, keep: "dirindrop=id"},
		{name: "nobody looks", method: "POST", path: "/permissions/acl/folder/{drop}", body: ace("user", "{reader_id}", "deny", "READ"), status: 201},
		{name: "own file", as: "reader", method: "POST", path: "/files", body: upload("own.txt", "own"), status: 201, keep: "own=id"},
		{name: "own folder", as: "reader", method: "POST", path: "/folders", body: `{"share_id":"{share}","name":"own"}`, status: 201, keep: "ownfolder=id"},
		{name: "a free name", as: "reader", method: "POST", path: "/files", body: upload("free.txt", "x", "folder_id", "{drop}"), status: 201},
	})
	// As they would type them: the answer may repeat what they said.
	taken := map[string]string{"a file's": strings.ToUpper(secret + " again.txt"), "a folder's": strings.ToUpper(secret + " dir")}
	const plain = `{"detail":"The name is already taken in this folder"}`
	for _, folder := range []string{"{open}", "{drop}"} {
		for what, name := range taken {
			for way, s := range map[string]step{
				"folder":      {method: "POST", path: "/folders", body: `{"share_id":"{share}","parent_id":"` + folder + `","name":"` + name + `"}`},
				"file":        {method: "POST", path: "/files", body: upload(name, "x", "folder_id", folder)},
				"session":     {method: "POST", path: "/uploads", body: `{"share_id":"{share}","folder_id":"` + folder + `","file_name":"` + name + `","file_size":1}`},
				"move":        {method: "POST", path: "/files/{own}/move", body: `{"target_folder_id":"` + folder + `","name":"` + name + `"}`},
				"move folder": {method: "POST", path: "/folders/{ownfolder}/move", body: `{"target_folder_id":"` + folder + `","name":"` + name + `"}`},
				"copy":        {method: "POST", path: "/files/{own}/copy", body: `{"target_folder_id":"` + folder + `","name":"` + name + `"}`},
				"copy folder": {method: "POST", path: "/folders/{ownfolder}/copy", body: `{"target_folder_id":"` + folder + `","name":"` + name + `"}`},
			} {
				s.name, s.as, s.status, s.has = fmt.Sprint(way, " under ", what, " name in ", folder), "reader", 409, []string{plain}
				s.lacks = []string{secret}
				a.step(s)
			}
		}
	}
	n := 0
	for _, folder := range []string{"{open}", "{drop}"} {
		for what, name := range taken {
			for _, strategy := range []string{"KEEP_BOTH", "MANUAL", "SERVER_WINS", "CLIENT_WINS", "LAST_WRITER_WINS"} {
				for _, change := range []string{
					`{"client_ref":"%d","resource_type":"folder","change_type":"created","parent_id":"` + folder + `","name":"` + name + `"}`,
					`{"client_ref":"%d","resource_type":"file","change_type":"created","parent_id":"` + folder + `","name":"` + name + `","content":{"size":0,"checksum_sha256":"` + sumOf("") + `","chunking":"` + split.Default().Name + `","chunks":[]}}`,
					`{"client_ref":"%d","resource_type":"file","change_type":"moved","resource_id":"{own}","parent_id":"` + folder + `","name":"` + name + `"}`,
				} {
					n++
					got := a.step(step{name: fmt.Sprint("apply under ", what, " name, ", strategy), as: "reader", method: "POST", path: "/sync/apply", status: 200,
						body: `{"device_id":"d","share_id":"{share}","conflict_resolution":"` + strategy + `","changes":[` + fmt.Sprintf(change, n) + `]}`, lacks: []string{secret}})
					for _, hidden := range []string{"file", "dir", "indrop", "dirindrop"} {
						if strings.Contains(got, a.vars[hidden]) {
							t.Errorf("%s in %s, %s: the ID of what has the name: %s", what, folder, strategy, cut(got))
						}
					}
				}
			}
		}
	}
	a.step(step{name: "conflicts", as: "reader", method: "GET", path: "/sync/conflicts?share_id={share}&include_resolved=true", status: 200, lacks: []string{secret, "{file}", "{dir}", "{indrop}", "{dirindrop}"}})
	for _, id := range []string{"{file}", "{indrop}"} { // and nothing happened to what has the names
		a.step(step{name: "as it was", method: "GET", path: "/files/" + id, status: 200, has: []string{secret + " again.txt"}})
	}
}
