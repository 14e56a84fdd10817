package schema

import (
	"fmt"
	"os"
	"strings"
	"testing"
)

// docs/formats/tables.md says what the code does, line by line.
func TestDocumentedTables(t *testing.T) {
	raw, err := os.ReadFile("../../../docs/formats/tables.md")
	if err != nil {
		t.Fatal(err)
	}
	doc := string(raw)
	has := func(line string) {
		t.Helper()
		if !strings.Contains(doc, line) {
			t.Errorf("docs/formats/tables.md lacks:\n%s", line)
		}
	}
	scopes := map[Scope]string{Global: "global", PerTenant: "tenant"}
	classes := map[Class]string{ClassAccess: "access", ClassTree: "tree", ClassContent: "content", ClassHistory: "history"}
	for _, d := range Tables() {
		waits := "no"
		if d.AbsenceWaits {
			waits = "yes"
		}
		has(fmt.Sprintf("| %d | `%s` | %s | %s | %s |", d.No, d.Name, scopes[d.Scope], classes[d.Class], waits))
	}
	for _, k := range kinds() {
		parts := make([]string, len(k.fields))
		for i, f := range k.fields {
			parts[i] = fmt.Sprintf("%d %s %s", f.No, f.Name, f.Type)
		}
		has(fmt.Sprintf("- `%s`: %s", k.name, strings.Join(parts, ", ")))
	}
}
