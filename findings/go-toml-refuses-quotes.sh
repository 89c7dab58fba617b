#!/usr/bin/env bash
# go-toml 1.9.5, the last of version 1, refuses two texts that TOML 1.0.0 allows ("Keys", "String"): a quoted key with an
# escaped quote in it, and a text of several lines that ends with a quote. It should read the key a"b and the value x".
#
# Why it matters here: the official plugin reads its configuration with it, so a file that it refuses can be good here;
# docs/design/go-differences.md 6 has the differences.
#
# Versions: github.com/pelletier/go-toml 1.9.5 from the Go module proxy, and the Go that runs this.
# Seen 2026-11-30 (go 1.26.8): "invalid key: invalid bare key character", "unclosed string".
# Ends with 1 if that changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

cat >go.mod <<'EOF'
module finding

go 1.20

require github.com/pelletier/go-toml v1.9.5
EOF
cat >main.go <<'EOF'
package main

import (
	"fmt"

	"github.com/pelletier/go-toml"
)

func main() {
	for _, text := range []string{`"a\"b" = 1`, `a = """x""""`} {
		tree, err := toml.Load(text)
		if err != nil {
			fmt.Printf("%s: refused: %v\n", text, err)
		} else {
			fmt.Printf("%s: %v\n", text, tree.ToMap())
		}
	}
}
EOF
go mod tidy >/dev/null 2>&1
go version
echo "go-toml v1.9.5"
go run . | tee seen
[[ $(grep -c ': refused: ' seen) == 2 ]]
