// Command buildkit reads Dockerfiles, one JSON string a line, and prints what `docker build --check` would say of each: one JSON object a
// line with `error` and `warnings`. Base images are taken to be empty: nothing is fetched.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"os"

	"github.com/moby/buildkit/client/llb"
	"github.com/moby/buildkit/client/llb/sourceresolver"
	"github.com/moby/buildkit/frontend/dockerfile/dockerfile2llb"
	digest "github.com/opencontainers/go-digest"
	ocispecs "github.com/opencontainers/image-spec/specs-go/v1"
)

type verdict struct {
	Error    string   `json:"error"`
	Warnings []string `json:"warnings"`
}

type emptyImages struct{}

func (emptyImages) ResolveImageConfig(_ context.Context, ref string, _ sourceresolver.Opt) (string, digest.Digest, []byte, error) {
	config, err := json.Marshal(ocispecs.Image{Platform: ocispecs.Platform{OS: "linux", Architecture: "amd64"}})
	return ref, digest.FromBytes(config), config, err
}

func check(text string) verdict {
	platform := ocispecs.Platform{OS: "linux", Architecture: "amd64"}
	source := llb.NewSourceMap(nil, "Dockerfile", "Dockerfile", []byte(text))
	source.Definition = &llb.Definition{}
	opt := dockerfile2llb.ConvertOpt{MetaResolver: emptyImages{}, TargetPlatform: &platform, SourceMap: source}
	opt.BuildPlatforms = []ocispecs.Platform{platform}
	results, err := dockerfile2llb.DockerfileLint(context.Background(), []byte(text), opt)
	found := verdict{Warnings: []string{}}
	if err != nil {
		found.Error = err.Error()
		return found
	}
	if results.Error != nil {
		found.Error = results.Error.Message
	}
	for _, one := range results.Warnings {
		found.Warnings = append(found.Warnings, one.RuleName+": "+one.Detail)
	}
	return found
}

func main() {
	in := bufio.NewScanner(os.Stdin)
	in.Buffer(nil, 64<<20)
	out := json.NewEncoder(os.Stdout)
	for in.Scan() {
		var text string
		if err := json.Unmarshal(in.Bytes(), &text); err != nil {
			panic(err)
		}
		if err := out.Encode(check(text)); err != nil {
			panic(err)
		}
	}
}
