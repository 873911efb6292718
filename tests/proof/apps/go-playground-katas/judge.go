package main

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
)

type result struct {
	Passed   bool     `json:"passed"`
	Tests    []string `json:"tests,omitempty"`
	Compiler string   `json:"compiler,omitempty"`
}

var verdict = regexp.MustCompile(`(?m)^--- (PASS|FAIL): (\w+)`)

// judge compiles a solution together with the tests of the kata in dir, with
// the Go toolchain of this machine, and runs them.
func judge(ctx context.Context, dir string, solution []byte) (*result, error) {
	work, err := os.MkdirTemp("", "kata-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(work)

	tests, err := os.ReadFile(filepath.Join(dir, "kata_test.go"))
	if err != nil {
		return nil, err
	}
	for name, text := range map[string][]byte{
		"go.mod":       []byte("module kata\n\ngo 1.22\n"),
		"kata_test.go": tests,
		"solution.go":  solution,
	} {
		if err := os.WriteFile(filepath.Join(work, name), text, 0o644); err != nil {
			return nil, err
		}
	}

	if out, err := run(ctx, work, "go", "test", "-c", "-o", "kata.test", "."); err != nil {
		if errors.Is(err, exec.ErrNotFound) {
			return nil, err
		}
		return &result{Compiler: out}, nil
	}
	out, err := run(ctx, work, "./kata.test", "-test.v", "-test.timeout=5s")
	res := &result{Passed: err == nil}
	for _, m := range verdict.FindAllStringSubmatch(out, -1) {
		res.Tests = append(res.Tests, m[2]+" "+m[1])
	}
	return res, nil
}

// run returns what a program prints, without the compiler's "# package" lines.
func run(ctx context.Context, dir, name string, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	var lines []string
	for _, line := range strings.Split(string(out), "\n") {
		if !strings.HasPrefix(line, "# ") {
			lines = append(lines, line)
		}
	}
	return strings.TrimSpace(strings.Join(lines, "\n")), err
}

// checkAll expects every model solution to pass.
func checkAll(root string) error {
	models, err := filepath.Glob(filepath.Join(root, "*", "model.txt"))
	if err != nil {
		return err
	}
	for _, model := range models {
		text, err := os.ReadFile(model)
		if err != nil {
			return err
		}
		res, err := judge(context.Background(), filepath.Dir(model), text)
		if err != nil {
			return err
		}
		if !res.Passed {
			return fmt.Errorf("%s: %+v", model, *res)
		}
		log.Println(model, res.Tests)
	}
	return nil
}
