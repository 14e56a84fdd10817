// empty is an empty program with the libraries of the product linked in: it
// opens a port and answers every request with 204. Its resident memory and its
// start are yardsticks for the product's.
//
//	empty ADDRESS
package main

import (
	"log"
	"net"
	"os"

	"github.com/alecthomas/kong"
	"github.com/cespare/xxhash/v2"
	"github.com/dgraph-io/ristretto/v2"
	"github.com/gabriel-vasile/mimetype"
	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
	"github.com/klauspost/compress/zstd"
	"github.com/klippa-app/go-pdfium/webassembly"
	"github.com/oklog/ulid/v2"
	"github.com/pierrec/lz4/v4"
	"github.com/schollz/progressbar/v3"
	"github.com/tetratelabs/wazero"
	"github.com/tidwall/btree"
	"github.com/valyala/fasthttp"
	"go.etcd.io/bbolt"
	"golang.org/x/crypto/argon2"
	"golang.org/x/image/draw"
	"golang.org/x/image/tiff"
	"golang.org/x/image/webp"
	"golang.org/x/term"
	"golang.org/x/text/unicode/norm"
	"google.golang.org/protobuf/encoding/protowire"
)

// linked keeps the linker from leaving the libraries out: the product calls
// all of these.
func linked() []any {
	return []any{
		kong.New, xxhash.Sum64, ristretto.NewCache[uint64, []byte], mimetype.Detect, jose.NewSigner, jwt.ParseSigned,
		zstd.NewReader, zstd.NewWriter, webassembly.Init, ulid.New, lz4.CompressBlock, lz4.UncompressBlock,
		progressbar.NewOptions64, wazero.NewRuntime, btree.NewBTreeG[[]byte], bbolt.Open, argon2.IDKey,
		draw.CatmullRom, tiff.Decode, webp.Decode, term.ReadPassword, norm.NFC, protowire.ConsumeField,
		&fasthttp.Client{},
	}
}

func main() {
	if len(os.Args) != 2 {
		log.Fatalf("usage: empty ADDRESS; linked: %T", linked())
	}
	ln, err := net.Listen("tcp", os.Args[1])
	if err != nil {
		log.Fatal(err)
	}
	log.Fatal(fasthttp.Serve(ln, func(c *fasthttp.RequestCtx) { c.SetStatusCode(204) }))
}
