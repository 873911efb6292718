// Package pages reads wiki pages from plain text files.
package pages

import (
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

var valid = regexp.MustCompile(`^[a-z0-9-]+$`)

// Store is a folder of .txt files.
type Store struct{ Dir string }

// Load returns the paragraphs of a page.
func (s Store) Load(name string) ([]string, error) {
	if !valid.MatchString(name) {
		return nil, errors.New("bad page name")
	}
	raw, err := os.ReadFile(filepath.Join(s.Dir, name+".txt"))
	if err != nil {
		return nil, err
	}
	return strings.Split(strings.TrimSpace(string(raw)), "\n\n"), nil
}
