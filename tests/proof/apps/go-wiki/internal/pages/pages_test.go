package pages

import "testing"

func TestBadName(t *testing.T) {
	if _, err := (Store{Dir: "."}).Load("../etc"); err == nil {
		t.Fatal("expected an error")
	}
}
