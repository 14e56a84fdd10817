package httpd

import "testing"

// Of a folder that is only the way to something the name is told, and not what is
// written beside it.
func TestBareFoldersHaveNoTags(t *testing.T) {
	a := peopled(t)
	a.run([]step{
		{name: "a way", method: "POST", path: "/folders", body: `{"share_id":"{share}","name":"way"}`, status: 201, keep: "way=id"},
		{name: "to a file", method: "POST", path: "/files", body: upload("told.txt", "told", "folder_id", "{way}"), status: 201, keep: "told=id"},
		{name: "tag", method: "PUT", path: "/folders/{way}/tags", body: `{"tags":["layoffs"]}`, status: 200},
		{name: "tag", method: "PUT", path: "/files/{told}/tags", body: `{"tags":["lunch"]}`, status: 200},
		{name: "allow", method: "POST", path: "/permissions/acl/file/{told}", body: ace("user", "{sid}", "allow", "READ"), status: 201},
		{name: "for who may read", method: "GET", path: "/folders/root/children?share_id={share}&include=tags", status: 200, has: []string{"layoffs"}},
		{name: "for whom it is a way", as: "stranger", method: "GET", path: "/folders/root/children?share_id={share}&include=tags", status: 200, has: []string{"{way}"}, lacks: []string{"layoffs"}},
		{name: "and rights", as: "stranger", method: "GET", path: "/folders/root/children?share_id={share}&include=permissions,tags", status: 200, has: []string{"{way}"}, lacks: []string{"layoffs"}},
		{name: "below it", as: "stranger", method: "GET", path: "/folders/{way}/children?share_id={share}&include=tags", status: 200, has: []string{"lunch"}, lacks: []string{"layoffs"}},
	})
}
