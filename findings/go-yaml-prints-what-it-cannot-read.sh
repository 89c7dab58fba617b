#!/usr/bin/env bash
# sigs.k8s.io/yaml 1.6.0 prints three texts so that they do not come back: a line end NEL (U+0085) in a value is
# printed as a space, the key "<<" is printed without quotes and read as a merge, which is an error, and a value with DEL
# (U+007F) is not printed at all. Quoted, with an escape sequence, YAML can hold all three,
# and the same package reads them so.
#
# Why it matters here: `tctl get` prints resources with it, and `rules test --rules=FILE` reads what it printed;
# docs/design/go-differences.md 4.
#
# Versions: sigs.k8s.io/yaml 1.6.0 from the Go module proxy, and the Go that runs this.
# Seen 2026-11-30 (go 1.26.8): the six lines that `expected` holds. Ends with 1 if that changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

cat >go.mod <<'EOF'
module finding

go 1.22

require sigs.k8s.io/yaml v1.6.0
EOF
cat >main.go <<'EOF'
package main

import (
	"fmt"

	"sigs.k8s.io/yaml"
)

func main() {
	for _, value := range []map[string]string{
		{"k": "a\u0085b"},
		{"<<": "x"},
		{"k": "a\u007fb"},
	} {
		text, err := yaml.Marshal(value)
		if err != nil {
			fmt.Printf("%q: not printed\n", value)
			continue
		}
		var back map[string]string
		err = yaml.Unmarshal(text, &back)
		fmt.Printf("%q: printed as %q, read as %q, error: %t\n", value, text, back, err != nil)
	}
	for _, text := range []string{`k: "a\x85b"`, `"<<": x`, `k: "a\x7Fb"`} {
		var value map[string]string
		err := yaml.Unmarshal([]byte(text), &value)
		fmt.Printf("%s: read as %q, error: %t\n", text, value, err != nil)
	}
}
EOF
go mod tidy >/dev/null 2>&1
go version
echo "sigs.k8s.io/yaml v1.6.0"
cat >expected <<'EOF'
map["k":"a\u0085b"]: printed as "k: a b\n", read as map["k":"a b"], error: false
map["<<":"x"]: printed as "<<: x\n", read as map[], error: true
map["k":"a\x7fb"]: not printed
k: "a\x85b": read as map["k":"a\u0085b"], error: false
"<<": x: read as map["<<":"x"], error: false
k: "a\x7Fb": read as map["k":"a\x7fb"], error: false
EOF
go run . | tee seen
diff expected seen
