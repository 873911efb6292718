package main

import (
	"fmt"
	"os"
	"strings"

	"example.org/gitstat/stat"
	"github.com/spf13/pflag"
)

var (
	version = "unknown"
	commit  = "none"
)

func main() {
	dir := pflag.StringP("repo", "r", ".", "the repository")
	files := pflag.BoolP("files", "f", false, "list files instead of authors")
	show := pflag.Bool("version", false, "show the version")
	pflag.Parse()

	if *show {
		fmt.Printf("gitstat %s (%s)\n", version, commit)
		return
	}
	repo := stat.Repo{Dir: *dir}
	var out string
	var err error
	if *files {
		out, err = repo.Files()
	} else {
		var lines []string
		lines, err = repo.Authors()
		out = strings.Join(lines, "\n")
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "gitstat:", err)
		os.Exit(3)
	}
	fmt.Println(out)
}
