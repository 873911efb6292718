package kata

import (
	"maps"
	"testing"
)

func TestEmpty(t *testing.T) {
	if got := WordCount(" \n"); len(got) != 0 {
		t.Errorf("got %v", got)
	}
}

func TestCase(t *testing.T) {
	want := map[string]int{"the": 2, "cat": 1, "and": 1, "dog": 1}
	if got := WordCount("The cat and the dog"); !maps.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}
