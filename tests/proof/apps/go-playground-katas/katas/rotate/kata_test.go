package kata

import (
	"slices"
	"testing"
)

func TestRotate(t *testing.T) {
	s := []int{1, 2, 3, 4, 5}
	Rotate(s, 7)
	if want := []int{3, 4, 5, 1, 2}; !slices.Equal(s, want) {
		t.Errorf("got %v, want %v", s, want)
	}
}

func TestNothing(t *testing.T) {
	Rotate([]string{}, 1)
}
