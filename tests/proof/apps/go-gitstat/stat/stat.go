// Package stat asks git for numbers.
package stat

import (
	"bytes"
	"fmt"
	"os/exec"
	"sort"
	"strings"
)

// Repo is a git working tree.
type Repo struct{ Dir string }

func (r Repo) git(args ...string) (string, error) {
	cmd := exec.Command("git", append([]string{"-C", r.Dir}, args...)...)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("git: %v: %s", err, strings.TrimSpace(stderr.String()))
	}
	return strings.TrimSpace(string(out)), nil
}

// Authors counts the commits of each author.
func (r Repo) Authors() ([]string, error) {
	out, err := r.git("log", "--format=%an")
	if err != nil {
		return nil, err
	}
	count := map[string]int{}
	for _, name := range strings.Split(out, "\n") {
		count[name]++
	}
	lines := []string{}
	for name, n := range count {
		lines = append(lines, fmt.Sprintf("%4d %s", n, name))
	}
	sort.Sort(sort.Reverse(sort.StringSlice(lines)))
	return lines, nil
}

// Files lists the tracked files.
func (r Repo) Files() (string, error) { return r.git("ls-files") }
